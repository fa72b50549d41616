-- What a user's presence is, and telling those who watch it when it changes. Stands before each script that may change
-- it, so that one step decides and publishes: of a connection that comes here and one that goes there at the same time
-- nobody is told anything.
-- KEYS  1 sockets   2 presence
-- ARGV  1 channel   2 userId   3 the caller's time as clients are told it   4 grace in ms
--       5 how many ms a chosen status outlives the last connection   6 ttl of presence (s)
--       7 the caller's time a grace ago   8… args of the script
-- The fields of presence are described in RedisKeys.
local args = {unpack(ARGV, 8)}
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- Publishes the presence where it is another than was published last.
-- `since` is when the user has left, `at` the same as clients are told it, where he has no connection and nobody has said
-- so yet; `gone` whether he had one until now.
-- Answers 0, or in how many ms he is to be called offline unless he comes back: call again then.
local function settle(since, at, gone)
  local status, message, left, leftAt, event, version = unpack(redis.call('HMGET', KEYS[2],
      'status', 'message', 'left', 'leftAt', 'event', 'version'))
  local offline = '{"userId":"' .. ARGV[2] .. '","status":"offline"'
  if not event and gone and status ~= 'offline' then
    -- This server has lost its memory of the user, who was said to be here.
    event, version = '{"userId":"' .. ARGV[2] .. '","status":"online"}', '0'
    redis.call('HSET', KEYS[2], 'event', event, 'version', version)
  end
  local shownOffline = not event or string.sub(event, 1, #offline) == offline
  local connected = redis.call('EXISTS', KEYS[1]) == 1
  redis.call('EXPIRE', KEYS[2], ARGV[6])
  if connected and left then
    if now - tonumber(left) > tonumber(ARGV[5]) then
      status, message = false, false
      redis.call('HDEL', KEYS[2], 'status', 'message')
    end
    redis.call('HDEL', KEYS[2], 'left', 'leftAt')
  elseif not connected then
    if not left and (status or message or not shownOffline) then
      left, leftAt = string.format('%.0f', since), at
      redis.call('HSET', KEYS[2], 'left', left, 'leftAt', leftAt)
    end
    local rest = left and tonumber(left) + tonumber(ARGV[4]) - now or 0
    if rest > 0 and not shownOffline then
      return rest
    end
  end

  local shown = connected and (status or 'online') or 'offline'
  local data
  if shown == 'offline' then
    if shownOffline then
      return 0
    end
    -- Who only appears offline has, to all others, left a grace ago, as one who is would have.
    data = offline .. ',"lastSeen":"' .. (connected and ARGV[7] or leftAt) .. '"}'
  else
    data = '{"userId":"' .. ARGV[2] .. '","status":"' .. shown .. '"'
        .. (message and ',"message":' .. message or '') .. '}'
    if data == event then
      return 0
    end
  end
  -- Rises also where this server has lost its memory.
  version = string.format('%.0f', math.max(tonumber(time[1]) * 1000000 + tonumber(time[2]),
      (version and tonumber(version) or 0) + 1))
  redis.call('HSET', KEYS[2], 'event', data, 'version', version)
  redis.call('EXPIRE', KEYS[2], ARGV[6])
  redis.call('SPUBLISH', ARGV[1], 'presence ' .. version .. ' ' .. data)
  return 0
end
