import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// `npm run dev` shows the page as it is edited, over a `weft observe` that runs at its usual port.
export default defineConfig({
  plugins: [react()],
  build: { assetsInlineLimit: 0 },
  server: { proxy: { '/api': 'http://127.0.0.1:9411', '/metrics': 'http://127.0.0.1:9102' } },
})
