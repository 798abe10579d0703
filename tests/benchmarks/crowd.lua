-- Readers at the pages, for wrk: of ten, five open a form, one asks for its stamp, two look at the page to leave, one leaves by one click, one signs up.
-- Its arguments: how many milliseconds a connection waits before each request, and a file of paths to leave; without that file only / is asked for.
local FORM = { ["Content-Type"] = "application/x-www-form-urlencoded", ["Accept"] = "application/json" }
local links, number, stamp, wait = {}, 0, "", 0

function init(args)
  wait = tonumber(args[1])
  if args[2] then
    for line in io.lines(args[2]) do links[#links + 1] = line end
  end
end

function delay() return wait end

function request()
  number = number + 1
  if #links == 0 then return wrk.format("GET", "/") end
  local kind, link = number % 10, links[number % #links + 1]
  if kind < 5 then return wrk.format("GET", "/subscribe") end
  if kind == 5 or (kind == 9 and stamp == "") then return wrk.format("GET", "/stamp") end
  if kind < 8 then return wrk.format("GET", link) end
  if kind == 8 then return wrk.format("POST", link, FORM, "List-Unsubscribe=One-Click") end
  return wrk.format("POST", "/subscribe", FORM, "email=new" .. number .. "%40b.example&newsletters=weekly&stamp=" .. stamp)
end

function response(status, headers, body)
  stamp = string.match(body, '"stamp"%s*:%s*"([^"]+)"') or stamp
end

function done(summary, latency)
  local failed = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format('{"requests": %d, "failed": %d, "seconds": %f, "worst": %f}\n', summary.requests, failed, summary.duration / 1e6, latency.max / 1e6))
end
