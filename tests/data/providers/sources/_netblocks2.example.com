"v=spf1 ip6:2001:db8:4000::/36 ?all"
