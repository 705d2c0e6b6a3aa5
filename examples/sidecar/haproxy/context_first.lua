-- SPDX-License-Identifier: Apache-2.0
-- HAProxy's `http-request set-header traceparent` puts it last. This action takes all headers out and adds them again,
-- the context in front. Host stays where HAProxy writes it; the others come in the order of a Lua table, that is in none,
-- but several headers of one name keep theirs.
-- haproxy.cfg:   global:  lua-load /etc/haproxy/context_first.lua
--                frontend or backend:  http-request lua.context_first   (behind what sets the context)
local first = { "traceparent", "tracestate", "b3" }

core.register_action("context_first", { "http-req" }, function(txn)
  local headers = txn.http:req_get_headers()
  if headers["traceparent"] == nil and headers["b3"] == nil then
    return
  end
  local function add(name)
    local values, i = headers[name], 0
    while values ~= nil and values[i] ~= nil do
      txn.http:req_add_header(name, values[i])
      i = i + 1
    end
    headers[name] = nil
  end
  local names = {}
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  for _, name in ipairs(names) do
    if name ~= "host" then
      txn.http:req_del_header(name)
    end
  end
  headers["host"] = nil
  for _, name in ipairs(first) do
    add(name)
  end
  for _, name in ipairs(names) do
    add(name)
  end
end, 0)
