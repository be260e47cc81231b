-- Registers one job after the other: arguments are the prefix of their ids, and their configuration.
local prefix, config, last = "", "{}", 0

function init(arguments)
  prefix, config = arguments[1], arguments[2]
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  last = last + 1
  local body = string.format('{"job_id":"%s%d","name":"many","config":%s}', prefix, last, config)
  return wrk.format("POST", nil, nil, body)
end
