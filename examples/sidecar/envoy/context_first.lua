-- SPDX-License-Identifier: Apache-2.0
-- NOT RUN inside Envoy by this project; the tests run it against a stand-in for Envoy's header map.
-- Takes all headers out and adds them again, the context in front. Envoy keeps pseudo headers first by itself and writes
-- :authority as Host. Headers are collected first: Envoy forbids changing them while they are iterated.
local first = { "traceparent", "tracestate", "b3" }

function envoy_on_request(handle)
  local headers = handle:headers()
  if headers:get("traceparent") == nil and headers:get("b3") == nil then
    return
  end
  local all, context = {}, {}
  for name, value in pairs(headers) do
    if string.sub(name, 1, 1) ~= ":" then
      all[#all + 1] = { name, value }
    end
  end
  for _, header in ipairs(all) do
    headers:remove(header[1])
  end
  for _, wanted in ipairs(first) do
    for _, header in ipairs(all) do
      if header[1] == wanted then
        headers:add(header[1], header[2])
        context[header[1]] = true
      end
    end
  end
  for _, header in ipairs(all) do
    if not context[header[1]] then
      headers:add(header[1], header[2])
    end
  end
end
