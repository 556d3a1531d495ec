-- Asks another service whether a request may pass; runs for every request whose route says nothing else.
function envoy_on_request(handle)
  local user = handle:headers():get("x-user")
  if not user then
    handle:respond({ [":status"] = "401" }, "who are you?\n")
  end

  local answer, text = handle:httpCall("guard", { [":method"] = "GET", [":path"] = "/livez", [":authority"] = "guard" }, nil, 5000)
  if answer[":status"] ~= "200" then
    handle:logWarn(user .. " may not pass: " .. answer[":status"])
    handle:respond({ [":status"] = "403" }, "the guard says no\n")
  end
  handle:headers():add("x-checked-for", user)
  handle:streamInfo():dynamicMetadata():set("guard", "user", user)
end

function envoy_on_response(handle)
  local guard = handle:streamInfo():dynamicMetadata():get("guard")
  if guard then handle:headers():add("x-user-was", guard.user) end
end
