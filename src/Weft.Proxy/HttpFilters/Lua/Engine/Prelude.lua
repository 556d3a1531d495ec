-- What scripts see of the proxy. Every state runs this once, before its script, and keeps the function that it gives back.
-- The host's functions never raise: where they refuse they give false and a text, which is raised here as of the script's own line.
local host = ...

local error, type, tostring, tonumber = error, type, tostring, tonumber
local setmetatable, getmetatable, next = setmetatable, getmetatable, next
local format, floor, yield = string.format, math.floor, coroutine.yield

-- Maps of headers, and kinds of metadata, by the host's numbers.
local HEAD, TRAILERS = 0, 1
local OF_ROUTE_OR_DEFAULT, OF_ROUTE, OF_VIRTUAL_HOST, OF_FILTER_CONTEXT = 0, 1, 2, 3
local OF_STREAM, OF_CONNECTION = 0, 1
local WHOLE_BODY = 0

-- What the host says of something that may have to be waited for.
local ABSENT, PRESENT = 0, 1

EnvoyTimestampResolution = { MILLISECOND = 0, MICROSECOND = 1 }

-- Called as the last thing a method does, so that level 2 is the line of the script.
local function checked(result, message)
  if result == false then error(message, 2) end
  return result, message
end

local function bad_argument(position, method, expected, value, level)
  local kind = type(value)
  error(format("bad argument #%d to '%s' (%s expected, got %s)", position, method, expected, kind == "nil" and "no value" or kind), level + 1)
end

local function text(value, position, method, level)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "number" then return tostring(value) end
  bad_argument(position, method, "string", value, (level or 2) + 1)
end

local function number(value, position, method)
  return tonumber(value) or bad_argument(position, method, "number", value, 3)
end

local levels = { logTrace = 0, logDebug = 1, logInfo = 2, logWarn = 3, logErr = 4, logCritical = 5 }

-- The methods of a kind of object. An object is a table of the stream it belongs to and what it is there.
local function class(methods)
  methods.__index = methods
  for name, level in next, levels do
    methods[name] = function(self, message) return checked(host.log(self[1], level, text(message, 1, name))) end
  end
  return methods
end

-- Names and values one after the other: a value may be a list of values.
local function flatten(headers, position, method)
  if type(headers) ~= "table" then bad_argument(position, method, "table", headers, 3) end
  local flat, count = {}, 0
  local function add(name, value)
    flat[count + 1], flat[count + 2] = name, text(value, position, method, 4)
    count = count + 2
  end
  for name, value in next, headers do
    name = text(name, position, method, 3)
    if type(value) == "table" then
      for _, one in next, value do add(name, one) end
    else
      add(name, value)
    end
  end
  return flat, count
end

local Headers = class({})

function Headers:get(name) return checked(host.get(self[1], self[2], text(name, 1, "get"))) end

function Headers:getAtIndex(name, index)
  return checked(host.get_at(self[1], self[2], text(name, 1, "getAtIndex"), number(index, 2, "getAtIndex")))
end

function Headers:getNumValues(name) return checked(host.count(self[1], self[2], text(name, 1, "getNumValues"))) end

function Headers:add(name, value) return checked(host.add(self[1], self[2], text(name, 1, "add"), text(value, 2, "add"))) end

function Headers:replace(name, value)
  return checked(host.replace(self[1], self[2], text(name, 1, "replace"), text(value, 2, "replace")))
end

function Headers:remove(name) return checked(host.remove(self[1], self[2], text(name, 1, "remove"))) end

function Headers:setHttp1ReasonPhrase(phrase)
  return checked(host.set_reason(self[1], self[2], text(phrase, 1, "setHttp1ReasonPhrase")))
end

function Headers:__pairs()
  local flat, message = host.all(self[1], self[2])
  if flat == false then error(message, 2) end
  local at = -1
  return function()
    at = at + 2
    return flat[at], flat[at + 1]
  end
end

-- The whole body, or one chunk of it by its number.
local Buffer = class({})

function Buffer:length() return checked(host.length(self[1], self[2])) end

function Buffer:getBytes(index, length)
  return checked(host.get_bytes(self[1], self[2], number(index, 1, "getBytes"), number(length, 2, "getBytes")))
end

function Buffer:setBytes(bytes) return checked(host.set_bytes(self[1], self[2], text(bytes, 1, "setBytes"))) end

local Metadata = class({})

function Metadata:get(key)
  local ok, value = host.metadata(self[1], self[2], text(key, 1, "get"))
  if ok == false then error(value, 2) end
  return value
end

function Metadata:__pairs()
  local all, message = host.all_metadata(self[1], self[2])
  if all == false then error(message, 2) end
  return next, all
end

-- filterContext()["key"], as Envoy's documentation has it, beside filterContext():get("key"), as its tests have it.
local Context = {
  __pairs = Metadata.__pairs,
  __index = function(self, key)
    local method = Metadata[key]
    if method ~= nil or type(key) ~= "string" then return method end
    local ok, value = host.metadata(self[1], self[2], key)
    if ok == false then error(value, 2) end
    return value
  end,
}

local DynamicMetadata = class({})

function DynamicMetadata:get(filter) return checked(host.dynamic(self[1], self[2], text(filter, 1, "get"))) end

function DynamicMetadata:__pairs()
  local all, message = host.all_dynamic(self[1], self[2])
  if all == false then error(message, 2) end
  return next, all
end

local StreamMetadata = class({ get = DynamicMetadata.get, __pairs = DynamicMetadata.__pairs })

function StreamMetadata:set(filter, key, value)
  return checked(host.set_dynamic(self[1], text(filter, 1, "set"), text(key, 2, "set"), value))
end

local FilterState = class({})

function FilterState:get(name, field)
  -- No object of the proxy's has fields.
  if field ~= nil then text(field, 2, "get") return nil end
  return checked(host.filter_state(self[1], text(name, 1, "get")))
end

local ParsedName = class({})

function ParsedName:commonName() return checked(host.tls(self[1], "commonName")) end

function ParsedName:organizationName() return checked(host.tls(self[1], "organizationName")) end

local Ssl = class({})

for _, name in next, {
  "uriSanLocalCertificate", "sha256PeerCertificateDigest", "serialNumberPeerCertificate", "issuerPeerCertificate", "subjectPeerCertificate",
  "uriSanPeerCertificate", "subjectLocalCertificate", "urlEncodedPemEncodedPeerCertificate", "urlEncodedPemEncodedPeerCertificateChain",
  "dnsSansPeerCertificate", "dnsSansLocalCertificate", "oidsPeerCertificate", "oidsLocalCertificate", "validFromPeerCertificate",
  "expirationPeerCertificate", "sessionId", "ciphersuiteId", "ciphersuiteString", "tlsVersion",
} do
  Ssl[name] = function(self) return checked(host.tls(self[1], name)) end
end

for _, name in next, { "peerCertificatePresented", "peerCertificateValidated" } do
  Ssl[name] = function(self)
    local value, message = host.tls(self[1], name)
    if value == false then error(message, 2) end
    return value == 1
  end
end

function Ssl:parsedSubjectPeerCertificate()
  local presented, message = host.tls(self[1], "peerCertificatePresented")
  if presented == false then error(message, 2) end
  return presented == 1 and setmetatable({ self[1] }, ParsedName) or nil
end

local function ssl_of(self)
  local secured, message = host.tls(self[1], "")
  if secured == false then error(message, 3) end
  return secured == 1 and setmetatable({ self[1] }, Ssl) or nil
end

local Connection = class({})

function Connection:ssl()
  local ssl = ssl_of(self)
  return ssl
end

local StreamInfo = class({})

for _, name in next, {
  "protocol", "routeName", "virtualClusterName", "downstreamDirectLocalAddress", "downstreamLocalAddress", "downstreamDirectRemoteAddress",
  "downstreamRemoteAddress", "requestedServerName",
} do
  StreamInfo[name] = function(self) return checked(host.info(self[1], name)) end
end

function StreamInfo:downstreamSslConnection()
  local ssl = ssl_of(self)
  return ssl
end

function StreamInfo:dynamicMetadata() return setmetatable({ self[1], OF_STREAM }, StreamMetadata) end

function StreamInfo:filterState() return setmetatable({ self[1] }, FilterState) end

-- No filter of the proxy's leaves typed metadata.
function StreamInfo:dynamicTypedMetadata(filter) text(filter, 1, "dynamicTypedMetadata") return nil end

local ConnectionStreamInfo = class({ dynamicTypedMetadata = StreamInfo.dynamicTypedMetadata })

function ConnectionStreamInfo:dynamicMetadata() return setmetatable({ self[1], OF_CONNECTION }, DynamicMetadata) end

local VirtualHost = class({})

function VirtualHost:metadata() return setmetatable({ self[1], OF_VIRTUAL_HOST }, Metadata) end

local Route = class({})

function Route:metadata() return setmetatable({ self[1], OF_ROUTE }, Metadata) end

local PublicKey = class({})

function PublicKey:get() return self[2] end

local Handle = class({})

function Handle:headers() return setmetatable({ self[1], HEAD }, Headers) end

-- Asks again after each event until the host has it, or knows that there is none.
local function wait_for(ask, ...)
  while true do
    local status, message = ask(...)
    if status == false then error(message, 3) end
    if status == ABSENT or status == PRESENT then return status == PRESENT end
    yield()
  end
end

function Handle:body(always_wrap)
  if always_wrap ~= nil and type(always_wrap) ~= "boolean" then bad_argument(1, "body", "boolean", always_wrap, 2) end
  local there = wait_for(host.body, self[1], always_wrap or false)
  return there and setmetatable({ self[1], WHOLE_BODY }, Buffer) or nil
end

function Handle:bodyChunks()
  local id = self[1]
  local ok, message = host.begin_chunks(id)
  if ok == false then error(message, 2) end
  return function()
    local status, why = host.next_chunk(id)
    if status == false then error(why, 2) end
    if status == ABSENT then return nil end
    local chunk = yield()
    return chunk and setmetatable({ id, chunk }, Buffer) or nil
  end
end

function Handle:trailers()
  local there = wait_for(host.trailers, self[1])
  return there and setmetatable({ self[1], TRAILERS }, Headers) or nil
end

function Handle:httpCall(cluster, headers, body, timeout, asynchronous)
  local repeats, forwards = false, true
  if type(timeout) == "table" then
    local options = timeout
    timeout, asynchronous = 0, false
    for key, value in next, options do
      if key == "asynchronous" then asynchronous = value and true or false
      elseif key == "timeout_ms" then timeout = number(value, 4, "httpCall")
      elseif key == "return_duplicate_headers" then repeats = value and true or false
      elseif key == "send_xff" then forwards = value and true or false
      elseif key ~= "trace_sampled" then error(format("\"%s\" is not valid key for httpCall() options", tostring(key)), 2) end
    end
  else
    if asynchronous ~= nil and type(asynchronous) ~= "boolean" then
      error("http call asynchronous flag must be 'true', 'false', or empty", 2)
    end
    timeout = number(timeout, 4, "httpCall")
  end
  if timeout < 0 then error("http call timeout must be >= 0", 2) end
  cluster = text(cluster, 1, "httpCall")
  if body ~= nil then body = text(body, 3, "httpCall") end
  local flat, count = flatten(headers, 2, "httpCall")
  local ok, message = host.call(self[1], cluster, flat, count, body, floor(timeout), asynchronous or false, repeats, forwards)
  if ok == false then error(message, 2) end
  local answer_headers, answer_body = yield()
  return answer_headers, answer_body
end

function Handle:respond(headers, body)
  if body ~= nil then body = text(body, 2, "respond") end
  local flat, count = flatten(headers, 1, "respond")
  local ok, message = host.respond(self[1], flat, count, body)
  if ok == false then error(message, 2) end
  yield()
end

function Handle:metadata() return setmetatable({ self[1], OF_ROUTE_OR_DEFAULT }, Metadata) end

function Handle:filterContext() return setmetatable({ self[1], OF_FILTER_CONTEXT }, Context) end

function Handle:virtualHost() return setmetatable({ self[1] }, VirtualHost) end

function Handle:route() return setmetatable({ self[1] }, Route) end

function Handle:streamInfo() return setmetatable({ self[1] }, StreamInfo) end

function Handle:connection() return setmetatable({ self[1] }, Connection) end

function Handle:connectionStreamInfo() return setmetatable({ self[1] }, ConnectionStreamInfo) end

function Handle:clearRouteCache() return checked(host.clear_route(self[1])) end

function Handle:setUpstreamOverrideHost(address, strict)
  if strict ~= nil and type(strict) ~= "boolean" then bad_argument(2, "setUpstreamOverrideHost", "boolean", strict, 2) end
  return checked(host.override_host(self[1], text(address, 1, "setUpstreamOverrideHost"), strict or false))
end

function Handle:importPublicKey(der, length)
  der = text(der, 1, "importPublicKey"):sub(1, number(length, 2, "importPublicKey"))
  local key, message = host.import_key(self[1], der)
  if key == false then error(message, 2) end
  return setmetatable({ self[1], key and der or nil }, PublicKey)
end

function Handle:verifySignature(hash, key, signature, signature_length, data, data_length)
  if getmetatable(key) == PublicKey then key = key[2] end
  signature = text(signature, 3, "verifySignature"):sub(1, number(signature_length, 4, "verifySignature"))
  data = text(data, 5, "verifySignature"):sub(1, number(data_length, 6, "verifySignature"))
  local known, fault = host.verify(self[1], text(hash, 1, "verifySignature"), text(key, 2, "verifySignature"), signature, data)
  if known == false then error(fault, 2) end
  return fault == nil, fault
end

function Handle:base64Escape(bytes) return checked(host.base64(self[1], text(bytes, 1, "base64Escape"))) end

function Handle:timestamp(resolution)
  if resolution ~= nil and tonumber(resolution) ~= EnvoyTimestampResolution.MILLISECOND then
    error("timestamp format must be MILLISECOND.", 2)
  end
  local time, message = host.microseconds(self[1])
  if time == false then error(message, 2) end
  return floor(time / 1000)
end

function Handle:timestampString(resolution)
  resolution = resolution == nil and 0 or tonumber(resolution)
  if resolution ~= 0 and resolution ~= 1 then error("timestamp format must be MILLISECOND or MICROSECOND.", 2) end
  local time, message = host.microseconds(self[1])
  if time == false then error(message, 2) end
  return format("%.0f", resolution == 1 and time or floor(time / 1000))
end

-- What a coroutine begins with: the script's function, and the number of its stream.
return function(run, id)
  run(setmetatable({ id }, Handle))
end
