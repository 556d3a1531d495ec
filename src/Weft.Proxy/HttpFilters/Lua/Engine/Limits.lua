-- What a script may use, and what Envoy's build of LuaJIT has that another may not. Every state runs this first.
local host, instructions_per_tick, max_repeated_bytes = ...

local error, type, tostring, tonumber, getmetatable, select = error, type, tostring, tonumber, getmetatable, select

-- Compiled code would run past every limit, so nothing is compiled, and the interpreter asks the host now and then.
if jit then
  jit.off()
  jit.on = function() end
end

local sethook = debug.sethook
local function tick()
  local ended = host.tick()
  if ended then
    -- Whatever catches the error gets the next one at once.
    sethook(tick, "", 1)
    error(ended, 2)
  end
end
sethook(tick, "", instructions_per_tick)
debug.sethook = function() end

-- Its finalizers run when the collector likes, also while the host holds the state, where their errors could not be caught.
newproxy = nil

local repeated = string.rep
function string.rep(text, count, separator)
  local length = (#tostring(text) + #(separator or "")) * (tonumber(count) or 0)
  if length > max_repeated_bytes then error("resulting string too large", 2) end
  return repeated(text, count, separator)
end

-- Envoy's LuaJIT has these of Lua 5.2; a system's may not.
local plain_pairs = pairs
function pairs(object)
  local meta = getmetatable(object)
  local own = type(meta) == "table" and meta.__pairs
  if own then return own(object) end
  return plain_pairs(object)
end
table.unpack = table.unpack or unpack
table.pack = table.pack or function(...) return { n = select("#", ...), ... } end
