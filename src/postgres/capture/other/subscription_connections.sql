, (SELECT md5(c.subconninfo) FROM pg_subscription c WHERE c.subdbid = s.subdbid AND c.subname = s.subname)
