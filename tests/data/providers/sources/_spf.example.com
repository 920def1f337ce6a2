"v=spf1 include:_netblocks.example.com include:_netblocks2.example.com ~all"
"google-site-verification=abc"
