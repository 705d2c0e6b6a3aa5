-- SPDX-License-Identifier: Apache-2.0
-- For wrk: every request has a sampled context of its own. Arguments: the text before the context's
-- header, that header's name, the salt of this run, the text after it (see request.ts).
local before, after
local count = 0

function init(args)
  before = args[1] .. args[2] .. ": 00-" .. args[3]
  after = "-01\r\n" .. args[4]
end

function request()
  count = count + 1
  local id = string.format("%016x", count)
  return before .. id .. "-" .. id .. after
end
