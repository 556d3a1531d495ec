import { createRoot } from 'react-dom/client'
import { App } from './shell/App'
import './styles/base.css'
import './styles/frame.css'
import './styles/tables.css'

createRoot(document.getElementById('root')!).render(<App />)
