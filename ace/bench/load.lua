-- The load of one work. Arguments: method, length of the body, requests that
-- are sent at once.

init = function(args)
	wrk.method = args[1]
	local length, depth = tonumber(args[2]), tonumber(args[3])
	if length > 0 then
		wrk.body = string.rep("x", length)
	end
	if depth > 1 then
		local batch = string.rep(wrk.format(), depth)
		request = function() return batch end
	end
end

-- The last line that wrk prints: requests, microseconds, the 99th percentile of
-- the latency in microseconds, and what went wrong.
done = function(summary, latency, requests)
	local e = summary.errors
	io.write(string.format("bench %d %d %d connect=%d read=%d write=%d status=%d timeout=%d\n",
		summary.requests, summary.duration, latency:percentile(99),
		e.connect, e.read, e.write, e.status, e.timeout))
end
