-- Takes out a connection of a user.
-- args  1 connectionId
redis.call('HDEL', KEYS[1], args[1])
return settle(now)
