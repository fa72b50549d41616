-- Calls a user offline whose grace is over.
return settle(now, ARGV[3])
