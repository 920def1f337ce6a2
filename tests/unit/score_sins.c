/* Every sin of sinbin-sins(5), and honest sessions that look alike, in which it must not fire. */
#include "score/score.h"
#include "score_rules.h"
#include "tap.h"

static const struct rule_text files[] = {
    {"own", "203.0.113.0/24\n198.51.100.77\ntrap.example\nmail.trap.example\n"},
    {"domains", "ours.example\n.sub.ours.example\n"},
    {"recipients", "joe@ours.example\nann@ours.example\n"},
    {"spamtraps", "trap@ours.example\n"},
    {"helo", "ylmf-pc\nmasscan\n"},
    {"bigco", "big.example big.example bignet.example\n"},
    {"tlds", "example\norg\nde\nxn--p1ai\n"},
    {"private-tlds", "local\nlocaldomain\nintern\n(none)\nexample\n"},
    {"highmx", "198.51.100.99\n"},
    {"dynamic", "192.0.2.128/25\n"},
    {"blacklist", "192.0.2.64/28 3\n192.0.2.72 7\n!192.0.2.73\n"},
    {"dnsbl", "grey.example 2 hint\nzen.example 4\nsmall.example 2\nloud.example 8 sure\n"},
    {"dialects", "EHLO%20H|MAIL%20FROM:%20<A> 4 spitter\nHELO%20H|QUIT -3 an-mta\n"
                 "f10e54df9491cdd1 8 sure hashed\n"},
    {"pool-words", "pool\ndsl\ndhcp\ndynamic\n"},
    {"host-words", "static\nmail\nmx\n"},
    {NULL, NULL},
};

#define WHO "session1 at=1764000000.123 peer=192.0.2.7 local=198.51.100.5 ms=14023 bytes=143 "
#define FROM \
  "session1 at=1764000000.123 local=198.51.100.5 ms=14023 bytes=143 stage=rcpt end=stop peer="
#define LINE WHO "stage=rcpt end=stop "

static const struct {
  const char *name, *line, *sins;
} rows[] = {
    /* topology */
    {"mx=high", LINE "mx=high", "high-mx"},
    {"mx=low", LINE "mx=low", ""},
    {"the local address is in highmx",
     "session1 at=1.000 peer=192.0.2.7 local=198.51.100.99 ms=1 stage=rcpt end=stop", "high-mx"},
    {"the local address is not in highmx", LINE "pport=9", ""},
    /* timing */
    {"early talk, RCPT accepted", LINE "talk=banner:0.31:4:EHLO did=early-talk", "early-talk-sure"},
    {"early talk, MAIL accepted", WHO "stage=mail end=fin did=early-talk", "early-talk-sure"},
    {"early talk, no MAIL accepted", WHO "stage=helo end=fin did=early-talk", "early-talk"},
    {"early talk and AUTH", WHO "stage=helo end=fin did=early-talk,auth", "early-talk-sure,auth"},
    {"a monitor's two commands before the greeting", WHO "stage=banner end=quit did=early-talk",
     "early-talk,quit"},
    {"teaser talk", LINE "did=teaser-talk", "teaser-talk"},
    {"teaser talk and AUTH", WHO "stage=helo end=fin did=teaser-talk,auth", "teaser-talk,auth"},
    {"QUIT before the end of the greeting", WHO "stage=banner end=quit did=early-quit",
     "early-quit,quit"},
    {"names of weights that the handler does not write",
     LINE "did=early-talk-sure,no-smtp,helo-bigco-unsure", ""},
    {"a health check that connects and closes",
     "session1 at=1.000 peer=192.0.2.7 ms=9 stage=banner end=fin bytes=0 did=hasty-exit",
     "hasty-exit"},
    {"a command in a delay", LINE "did=talk-in-delay", "talk-in-delay"},
    {"QUIT in a delay", LINE "did=pipelined", "pipelined"},
    {"closed in a delay", LINE "did=hasty-exit", "hasty-exit"},
    {"silence", LINE "did=stall", "stall"},
    {"unknown names in did=", LINE "did=early-bird,stalled", ""},
    {"sins that are not read from did=", LINE "did=helo-bot,spamtrap,quit,dialect,hammer", ""},
    {"five connections at once", LINE "peers=5", "hammer"},
    {"six connects in a minute", LINE "recent=6", "hammer"},
    {"four connections at once, five connects in a minute", LINE "peers=4 recent=5", ""},
    {"no peers= and no recent=", LINE "rtt=38", ""},
    {"a big provider, no peers= and no recent=", LINE "ptr=m1.bignet.example fcrdns=yes", ""},
    /* wire */
    {"each sin of the family wire",
     LINE "did=body-after-451,bare-lf,bare-cr,auth,unoffered,params-after-helo,"
          "no-brackets,odd-space,bad-order,no-helo,garbage,long-line,goes-on",
     "body-after-451,bare-lf,bare-cr,auth,unoffered,params-after-helo,"
     "no-brackets,odd-space,bad-order,no-helo,garbage,long-line,goes-on"},
    {"HTTP", LINE "nosmtp=http", "no-smtp"},
    {"TLS", LINE "nosmtp=tls", "no-smtp"},
    {"an unknown kind of first line", LINE "nosmtp=gopher", "no-smtp"},
    {"an empty kind of first line", LINE "nosmtp=", ""},
    {"HTTP by its old fact", LINE "did=http", "no-smtp"},
    {"binary by its old fact", LINE "did=binary", "no-smtp"},
    {"nosmtp= and both old facts", LINE "nosmtp=ssh did=http,binary", "no-smtp"},
    {"facts in another order, and twice", LINE "did=odd-space,auth,odd-space", "auth,odd-space"},
    {"STARTTLS", LINE "did=starttls", "starttls"},
    {"STARTTLS and another unoffered command", LINE "did=unoffered,starttls", "unoffered"},
    {"a bot's dialect", LINE "dialect=EHLO%20H|MAIL%20FROM:%20<A>", "dialect"},
    {"a bot's dialect in another case", LINE "dialect=ehlo%20H|MAIL%20FROM:%20<A>", ""},
    {"only the beginning of a bot's dialect", LINE "dialect=EHLO%20H", ""},
    {"an MTA's dialect", LINE "dialect=HELO%20H|QUIT", "dialect"},
    {"a dialect by its hash", LINE "dialect=EHLO%20H|MAIL%20FROM:<A>|RCPT%20TO:<A>|DATA|QUIT",
     "dialect"},
    {"verbs in lower and mixed case", LINE "dialect=ehlo%20H|mail%20FROM:<A>|rcpt%20TO:<A>|data",
     ""},
    {"a long VERP address",
     LINE "from=list-return-4711-joe%3Dours.example-0123456789abcdef0123456789"
          "abcdef0123456789abcdef0123456789abcdef@lists.example to=joe@ours.example rcpts=1",
     ""},
    {"a callout with its name", LINE "helo=mx.a.org from=<> to=joe@ours.example rcpts=1", ""},
    /* helo */
    {"our address", LINE "helo=198.51.100.5", "helo-us,helo-ip"},
    {"our address in brackets", LINE "helo=[198.51.100.5]", "helo-us,helo-literal"},
    {"another of our addresses", LINE "helo=[203.0.113.9]", "helo-us,helo-literal"},
    {"our name", LINE "helo=Mail.Trap.Example.", "helo-us"},
    {"a name below our name", LINE "helo=x.mail.trap.example", ""},
    {"our own host with our name", FROM "203.0.113.9 helo=mail.trap.example", ""},
    {"our private address in brackets",
     "session1 at=1.000 peer=192.0.2.7 local=192.168.1.2 ms=1 stage=rcpt end=stop "
     "helo=[192.168.1.2]",
     "helo-literal-private"},
    {"our private address, bare, from a public address",
     "session1 at=1.000 peer=192.0.2.7 local=192.168.1.2 ms=1 stage=rcpt end=stop helo=192.168.1.2",
     "helo-ip"},
    {"our private address, bare, from the same network",
     "session1 at=1.000 peer=192.168.1.9 local=192.168.1.2 ms=1 stage=rcpt end=stop "
     "helo=192.168.1.2",
     "helo-us,helo-ip"},
    {"a recipient's domain", LINE "helo=ours.example to=joe@ours.example", "helo-rcpt"},
    {"a name below a recipient's domain", LINE "helo=mx.ours.example to=joe@ours.example",
     "helo-rcpt"},
    {"a name that only ends like a recipient's domain",
     LINE "helo=notours.example to=joe@ours.example", ""},
    {"a recipient without a domain", LINE "helo=. to=postmaster", "helo-chars"},
    {"a name above a recipient's domain", LINE "helo=ours.example to=joe@sub.ours.example", ""},
    {"the domain of one of several recipients",
     LINE "helo=ours.example to=x@sub.ours.example,JOE@Ours.Example", "helo-rcpt"},
    {"a recipient's domain that resolves elsewhere",
     LINE "helo=ours.example to=joe@ours.example heloa=other", "helo-rcpt-sure,helo-mismatch"},
    {"a recipient's domain that does not resolve",
     LINE "helo=ours.example to=joe@ours.example heloa=none", "helo-rcpt-sure,helo-unknown"},
    {"a recipient's domain that leads near the client",
     LINE "helo=ours.example to=joe@ours.example heloa=near", "helo-rcpt"},
    {"a recipient's domain that leads to the client",
     LINE "helo=ours.example to=joe@ours.example heloa=peer", "helo-match"},
    {"a recipient's domain that resolves elsewhere, and QUIT",
     WHO "stage=rcpt end=quit helo=ours.example to=joe@ours.example heloa=other",
     "helo-rcpt,helo-mismatch,quit"},
    {"a recipient's domain, a reverse name below it leads back",
     LINE "helo=ours.example to=joe@ours.example heloa=other ptr=web.Ours.Example fcrdns=yes",
     "helo-mismatch"},
    {"a recipient's domain, a reverse name below it does not lead back",
     LINE "helo=ours.example to=joe@ours.example heloa=other ptr=web.ours.example fcrdns=no",
     "helo-rcpt-sure,helo-mismatch,rdns-mismatch"},
    {"a recipient's domain, a reverse name below it perhaps leads back",
     LINE "helo=ours.example to=joe@ours.example heloa=? ptr=web.ours.example fcrdns=?",
     "helo-rcpt"},
    {"a recipient's domain, a reverse name that only ends like it",
     LINE "helo=ours.example to=joe@ours.example heloa=? ptr=web.notours.example fcrdns=yes",
     "helo-rcpt"},
    {"the HELO in one recipient's domain, the reverse name in another's",
     LINE "helo=ours.example to=x@sub.ours.example,joe@ours.example heloa=? ptr=a.sub.ours.example "
          "fcrdns=yes",
     ""},
    {"a recipient's domain, from one of our addresses",
     FROM "203.0.113.9 helo=ours.example to=joe@ours.example heloa=other", "helo-mismatch"},
    {"a bare address", LINE "helo=192.0.2.7", "helo-ip"},
    {"a bare IPv6 address", LINE "helo=2001:db8::1", "helo-ip"},
    {"the peer's own literal", LINE "helo=[192.0.2.7]", ""},
    {"the peer's own IPv6 literal", FROM "2001:db8::7 helo=[IPv6:2001:DB8:0::7]", ""},
    {"a literal of another network", LINE "helo=[192.0.3.7]", "helo-literal"},
    {"a neighbour's literal", LINE "helo=[192.0.2.8]", ""},
    {"a literal at the other end of the /24", LINE "helo=[192.0.2.255]", ""},
    {"an IPv6 literal of another network", FROM "2001:db8::7 helo=[ipv6:2001:db8:1::7]",
     "helo-literal"},
    {"a neighbour's IPv6 literal", FROM "2001:db8::7 helo=[ipv6:2001:db8:0:9::8]", ""},
    {"an IPv6 literal over IPv4", LINE "helo=[ipv6:2001:db8::8]", ""},
    {"an IPv4 literal over IPv6", FROM "2001:db8::7 helo=[192.0.2.8]", ""},
    {"a literal of 464XLAT", LINE "helo=[192.0.0.2]", "helo-literal-private"},
    {"a literal of 464XLAT, over IPv6", FROM "2001:db8::7 helo=[192.0.0.4]",
     "helo-literal-private"},
    {"a literal just after the block of 464XLAT", LINE "helo=[192.0.0.8]", "helo-literal"},
    {"a literal of a tunnel", LINE "helo=[198.18.0.1]", "helo-literal-private"},
    {"a literal just after that block", LINE "helo=[198.20.0.1]", "helo-literal"},
    {"a reserved literal", LINE "helo=[250.0.0.5]", "helo-literal-private"},
    {"a link-local literal with a zone", FROM "2001:db8::7 helo=[fe80::1%25eth0]",
     "helo-literal-private"},
    {"a tagged one with a zone", LINE "helo=[IPv6:fe80::1%252]", "helo-literal-private"},
    {"a zone in an IPv4 literal", LINE "helo=[10.0.0.1%25eth0]", "helo-chars,helo-tld-unknown"},
    {"a unique local literal", FROM "2001:db8::7 helo=[IPv6:fd12::1]", "helo-literal-private"},
    {"a link-local literal", FROM "2001:db8::7 helo=[IPv6:fe80::1]", "helo-literal-private"},
    {"a private neighbour's literal", FROM "192.168.1.9 helo=[192.168.1.20]", ""},
    {"a private literal from another private network", FROM "192.168.1.9 helo=[10.0.0.1]",
     "helo-literal-private"},
    {"a private literal", LINE "helo=[10.1.2.3]", "helo-literal-private"},
    {"smtplib's literal", LINE "helo=[127.0.0.1]", "helo-literal-private"},
    {"an IPv6 loopback literal", LINE "helo=[IPv6:::1]", "helo-literal-private"},
    {"a literal of a carrier-grade NAT", LINE "helo=[100.64.0.1]", "helo-literal-private"},
    {"a literal just after a private block", LINE "helo=[172.32.0.1]", "helo-literal"},
    {"localhost", LINE "helo=localhost", "helo-localhost,helo-label"},
    {"localhost.localdomain", LINE "helo=LOCALHOST.localdomain", "helo-localhost,helo-tld"},
    {"localhost from itself", FROM "127.0.0.1 helo=localhost", "helo-label"},
    {"localhost below a domain", LINE "helo=localhost.org", ""},
    {"one label", LINE "helo=server", "helo-label"},
    {"one label with a trailing dot", LINE "helo=server.", "helo-label"},
    {"a known bot", LINE "helo=YLMF-PC", "helo-label,helo-bot"},
    {"nearly a known bot", LINE "helo=ylmf-pc2", "helo-label"},
    {"Windows", LINE "helo=WIN-8K2JQ0ZP1XA", "helo-label,helo-windows"},
    {"Windows 10", LINE "helo=DESKTOP-4F8K2QA.org", "helo-windows"},
    {"WIN- and a word of eleven letters", LINE "helo=win-development.org", ""},
    {"WIN- and ten characters", LINE "helo=WIN-8K2JQ0ZP1X.org", ""},
    {"WIN- and twelve characters", LINE "helo=WIN-8K2JQ0ZP1XAB.org", ""},
    {"DESKTOP- not at the start", LINE "helo=MY-DESKTOP-4F8K2QA.org", ""},
    {"an underscore", LINE "helo=my_pc.org", "helo-chars-underscore"},
    {"an underscore in the only label", LINE "helo=my_pc", "helo-label,helo-chars-underscore"},
    {"a space", LINE "helo=my%20pc.org", "helo-chars"},
    {"an underscore and a worse character", LINE "helo=my_pc!.org", "helo-chars"},
    {"an empty label", LINE "helo=my..org", "helo-chars"},
    {"a leading dot", LINE "helo=.my.org", "helo-chars"},
    {"a leading hyphen", LINE "helo=-my.org", "helo-chars"},
    {"a trailing hyphen", LINE "helo=my-.org", "helo-chars"},
    {"hyphens within", LINE "helo=my--own-host.org", ""},
    {"brackets without an address", LINE "helo=[my.org]", "helo-chars,helo-tld-unknown"},
    {"a byte above ASCII", LINE "helo=m%FC.org", "helo-chars"},
    {"a company's own top-level domain", LINE "helo=srv.firm.INTERN", "helo-tld"},
    {"Linux without a domain", LINE "helo=srv.(none)", "helo-tld"},
    {"Linux without a name", LINE "helo=(none)", "helo-label"},
    {"parentheses in another label", LINE "helo=(none).org", "helo-chars"},
    {"a last label in private-tlds and in tlds", LINE "helo=a.example", ""},
    {"a private label that is not the last", LINE "helo=local.org", ""},
    {"a private top-level domain", LINE "helo=exchange.corp.local", "helo-tld"},
    {"an unknown top-level domain", LINE "helo=mail.corp.lcl", "helo-tld-unknown"},
    {"an internationalised top-level domain", LINE "helo=mail.corp.XN--P1AI", ""},
    {"an unknown and a private top-level domain", LINE "helo=mail.corp.lcl,exchange.corp.local",
     "helo-tld-unknown,helo-changes"},
    {"a private and an unknown top-level domain", LINE "helo=exchange.corp.local,mail.corp.lcl",
     "helo-tld-unknown,helo-changes"},
    {"a big name, no reverse name", LINE "helo=mx.big.example ptr=", "helo-bigco-unsure,no-rdns"},
    {"a big name that perhaps leads to the client, no reverse name",
     LINE "helo=mx.big.example ptr= heloa=?", "helo-bigco-unsure,no-rdns"},
    {"a big name that leads elsewhere, no reverse name",
     LINE "helo=mx.big.example ptr= heloa=other", "helo-bigco,helo-mismatch,no-rdns"},
    {"a big name that leads nowhere, no reverse name", LINE "helo=mx.big.example ptr=- heloa=none",
     "helo-bigco,helo-unknown,no-rdns"},
    {"a big name that leads to the client, no reverse name",
     LINE "helo=mx.big.example ptr= heloa=peer", "helo-match,no-rdns"},
    {"a big name that leads near the client, no reverse name",
     LINE "helo=mx.big.example ptr= heloa=near", "no-rdns"},
    {"a big name that leads to the client, another's reverse name",
     LINE "helo=mx.big.example ptr=a.org fcrdns=yes heloa=peer", "helo-match"},
    {"a big name, another's reverse name", LINE "helo=mx.big.example ptr=notbig.example fcrdns=yes",
     "helo-bigco"},
    {"a big name, its own reverse name", LINE "helo=mx.big.example ptr=m1.BIG.example fcrdns=yes",
     ""},
    {"a big name, a reverse name in its other domain",
     LINE "helo=big.example ptr=a.bignet.example fcrdns=yes", ""},
    {"a big name, its own reverse name, forged", LINE "helo=big.example ptr=big.example fcrdns=no",
     "helo-bigco,rdns-mismatch"},
    {"a big name, its own reverse name, perhaps forged",
     LINE "helo=big.example ptr=big.example fcrdns=?", ""},
    {"a big name, no answer of the reverse zone", LINE "helo=big.example ptr=?", ""},
    {"a big name, the reverse zone was not asked", LINE "helo=big.example", ""},
    {"a name that only ends like a big one", LINE "helo=mybig.example ptr=", "no-rdns"},
    {"a pool's name", LINE "helo=pool-192-0-2-7.isp.de", "helo-dynamic"},
    {"a static line's name", LINE "helo=static-192-0-2-7.isp.de", ""},
    {"another's pool name", LINE "helo=pool-198-18-9-9.isp.de", "helo-dynamic-weak"},
    {"a rented server's default name", LINE "helo=ip-192-0-2-7.host.de", "helo-dynamic-weak"},
    {"a pool's name and a rented server's", LINE "helo=ip-192-0-2-7.host.de,pool-192-0-2-7.isp.de",
     "helo-dynamic,helo-changes"},
    {"a private address in the name", LINE "helo=dhcp-192-168-1-17.firm.de", ""},
    {"another's name without a pool", LINE "helo=ip-198-18-9-9.isp.de", ""},
    {"two names", LINE "helo=a.org,b.org helos=2", "helo-changes"},
    {"the same name twice", LINE "helo=a.org helos=2", ""},
    {"the same name in other case", LINE "helo=a.org,A.ORG. helos=2", ""},
    {"no such name", LINE "helo=a.org heloa=none", "helo-unknown"},
    {"no answer", LINE "helo=a.org heloa=?", ""},
    {"a name that leads elsewhere", LINE "helo=a.org heloa=other", "helo-mismatch"},
    {"a name that leads near the client", LINE "helo=a.org heloa=near", ""},
    {"a name that leads to the client", LINE "helo=a.org heloa=peer", "helo-match"},
    {"no argument, from did=", LINE "helos=1 did=helo-empty", "helo-empty"},
    {"no argument, from an empty helo=", LINE "helo= helos=1 verb=ehlo", "helo-empty"},
    {"no argument, from helos= alone", LINE "helos=1", "helo-empty"},
    {"a name, then no argument", LINE "helo=a.org, helos=2", "helo-changes,helo-empty"},
    {"no HELO at all", LINE "helos=0", ""},
    /* envelope */
    {"a foreign recipient", LINE "to=x@else.example", "relay"},
    {"below one of our domains without subdomains", LINE "to=x@mx.ours.example", "relay"},
    {"below one of our domains with subdomains", LINE "to=x@mx.sub.ours.example", ""},
    {"a domain that is not ASCII", LINE "to=joe@b%C3%BCcher.example", ""},
    {"a domain with a byte that is not UTF-8", LINE "to=joe@%FC.example", ""},
    {"a domain that is not ASCII, and a foreign one",
     LINE "to=joe@b%C3%BCcher.example,x@else.example", "relay"},
    {"a local part that is not ASCII", LINE "to=b%C3%BC@else.example", "relay"},
    {"our domain in capitals", LINE "to=JOE@OURS.EXAMPLE", ""},
    {"postmaster without a domain", LINE "to=postmaster", ""},
    {"postmaster at our address", LINE "to=postmaster@[198.51.100.5]", ""},
    {"a recipient at another address", LINE "to=x@[192.0.2.7]", "relay"},
    {"a spamtrap", LINE "to=Trap@ours.example", "spamtrap"},
    {"a name that only begins like a spamtrap", LINE "to=trapper@ours.example", ""},
    {"three unknown names", LINE "to=a@ours.example,b@ours.example,c@ours.example", "unknown-rcpt"},
    {"two unknown names, one thrice",
     LINE "to=a@ours.example,b@ours.example,A@ours.example,joe@ours.example", ""},
    {"three recipients in a foreign domain", LINE "to=a@else.example,b@else.example,c@else.example",
     "relay"},
    {"two unknown names and one in a foreign domain",
     LINE "to=a@ours.example,b@ours.example,c@else.example", "relay"},
    {"three names in a domain that is not ASCII",
     LINE "to=a@b%C3%BC.example,b@b%C3%BC.example,c@b%C3%BC.example", ""},
    {"hidden local parts", LINE "to=@ours.example,@sub.ours.example,@a.sub.ours.example", ""},
    {"sender and recipient are the same", LINE "from=joe@ours.example to=JOE@ours.example",
     "self-mail,same-local,our-sender"},
    {"sender and recipient, hidden local parts", LINE "from=@b.example to=@ours.example", ""},
    {"sender and only recipient are the same",
     LINE "from=joe@ours.example to=joe@ours.example rcpts=1", "self-mail,same-local,our-sender"},
    {"sender and recipient in a list that was cut",
     LINE "from=joe@b.example to=joe@ours.example rcpts=9", "same-local"},
    {"the sender is a recipient of the previous mail",
     LINE "from=joe@ours.example to=joe@ours.example,ann@ours.example rcpts=1", "our-sender"},
    {"the same local part", LINE "from=info@b.example to=info@ours.example", "same-local"},
    {"a longer local part", LINE "from=info2@b.example to=info@ours.example", ""},
    {"a bounce to many", LINE "from=<> to=joe@ours.example,ann@ours.example rcpts=2",
     "bounce-many"},
    {"a bounce to one", LINE "from=<> to=joe@ours.example rcpts=1", ""},
    {"two bounces to one recipient each",
     LINE "from=<> to=joe@ours.example,ann@ours.example rcpts=1", ""},
    {"a bounce to the same twice", LINE "from=<> to=joe@ours.example rcpts=2", "bounce-many"},
    {"two recipients without a sender", LINE "to=joe@ours.example,ann@ours.example rcpts=2", ""},
    {"a sender in one of our domains", LINE "from=joe@ours.example to=ann@ours.example",
     "our-sender"},
    {"a sender in a domain that only ends like ours",
     LINE "from=joe@notours.example to=ann@ours.example", ""},
    {"a sender's domain that does not exist", LINE "from=a@b.example sendermx=no",
     "sender-nodomain"},
    {"a sender's domain that perhaps does not exist", LINE "from=a@b.example sendermx=?", ""},
    {"a sender's domain that exists", LINE "from=a@b.example sendermx=yes", ""},
    {"21 recipients", LINE "to=joe@ours.example rcpts=21", "many-rcpts"},
    {"20 recipients", LINE "to=joe@ours.example rcpts=20", ""},
    {"a server that keeps its connection for 21 mails",
     LINE "to=joe@ours.example,@a.sub.ours.example,@b.sub.ours.example,@c.sub.ours.example,"
          "@d.sub.ours.example,@e.sub.ours.example,@f.sub.ours.example,@g.sub.ours.example,"
          "@h.sub.ours.example,@i.sub.ours.example,@j.sub.ours.example,@k.sub.ours.example,"
          "@l.sub.ours.example,@m.sub.ours.example,@n.sub.ours.example,@o.sub.ours.example,"
          "@p.sub.ours.example,@q.sub.ours.example,@r.sub.ours.example,@s.sub.ours.example,"
          "@t.sub.ours.example rcpts=1",
     ""},
    /* source */
    {"a dynamic range", FROM "192.0.2.129", "dynamic"},
    {"just before a dynamic range", FROM "192.0.2.127", ""},
    {"a blacklist", FROM "192.0.2.65", "listed"},
    {"excluded from a blacklist", FROM "192.0.2.73", ""},
    {"a DNSBL", LINE "dnsbl=zen.example:127.0.0.4", "listed"},
    {"a DNSBL that refuses us", LINE "dnsbl=zen.example:127.255.255.254", ""},
    {"a DNSBL that answers nonsense", LINE "dnsbl=zen.example:192.0.2.1,small.example:127.0.0.1",
     ""},
    {"a DNSBL that timed out", LINE "dnsbl=zen.example:?", ""},
    {"a DNSBL without a weight", LINE "dnsbl=other.example:127.0.0.2", ""},
    {"no reverse name", LINE "ptr=", "no-rdns"},
    {"no answer of the reverse zone", LINE "ptr=? fcrdns=?", ""},
    {"a reverse name that does not resolve back", LINE "ptr=a.org fcrdns=no", "rdns-mismatch"},
    {"a reverse name that perhaps resolves back", LINE "ptr=a.org fcrdns=?", ""},
    {"a reverse name that resolves back", LINE "ptr=a.org fcrdns=yes", ""},
    {"the reverse name of a pool", LINE "ptr=pool-192-0-2-7.isp.example", "generic-rdns-pool"},
    {"a reverse name with the address", LINE "ptr=a192-0-2-7.isp.example", "generic-rdns"},
    {"the reverse name of a static line", LINE "ptr=192-0-2-7.static.isp.example", ""},
    {"a pool word and a small number", LINE "ptr=pool-7.isp.example fcrdns=yes", ""},
    {"the reverse name of a pool, and another one",
     LINE "ptr=pool-192-0-2-7.isp.example,mta.a.org fcrdns=yes", ""},
    {"localhost", LINE "ptr=localhost", "bad-rdns"},
    {"localhost in a domain", LINE "ptr=localhost.a.org", ""},
    {"one label", LINE "ptr=server", "bad-rdns"},
    {"a reverse name with a space", LINE "ptr=ser%20ver.a.org", "bad-rdns"},
    {"an underscore", LINE "ptr=ser_ver.a.org", ""},
    /* ending */
    {"no QUIT", WHO "stage=data end=fin after=none r451=yes", "no-quit"},
    {"no QUIT, without r451=", WHO "stage=data end=fin after=none", "no-quit"},
    {"no 451", WHO "stage=rcpt end=fin after=none r451=no", ""},
    {"no QUIT at stage=data, but r451=no", WHO "stage=data end=fin after=none r451=no", ""},
    {"a 451 to RCPT", WHO "stage=rcpt end=fin after=none r451=yes", "no-quit"},
    {"a message after the 451, no QUIT", WHO "stage=data end=fin after=body r451=yes", "no-quit"},
    {"a reset after the 451", WHO "stage=data end=rst after=none r451=yes", "reset"},
    {"a reset before the 451", WHO "stage=mail end=rst r451=no", ""},
    {"idle for 91 seconds after the 451",
     "session1 at=1.000 peer=192.0.2.7 ms=91000 stage=data end=idle after=none r451=yes",
     "abandoned"},
    {"idle for 61 seconds after the 451",
     "session1 at=1.000 peer=192.0.2.7 ms=61000 stage=data end=idle after=none r451=yes", ""},
    {"idle after a RSET",
     "session1 at=1.000 peer=192.0.2.7 ms=91000 stage=data end=idle after=rset r451=yes", "polite"},
    {"idle after something else",
     "session1 at=1.000 peer=192.0.2.7 ms=91000 stage=data end=idle after=other r451=yes", ""},
    {"idle before the 451", "session1 at=1.000 peer=192.0.2.7 ms=91000 stage=mail end=idle", ""},
    {"QUIT", WHO "stage=data end=quit after=none r451=yes", "quit"},
    {"QUIT without a 451", WHO "stage=helo end=quit", "quit"},
    {"RSET, then gone", WHO "stage=data end=fin after=rset r451=yes", "polite"},
    {"NOOP, then reset", WHO "stage=data end=rst after=noop r451=yes", "polite"},
    {"RSET, then QUIT", WHO "stage=data end=quit after=rset r451=yes", "quit,polite"},
    {"a new MAIL, then the cap", WHO "stage=data end=cap after=mail r451=yes", "polite"},
    {"ended by the duration cap", WHO "stage=data end=cap after=none r451=yes", ""},
    {"ended by a limit", WHO "stage=data end=limit after=other r451=yes", ""},
    {"ended by a stop", WHO "stage=data end=stop after=none r451=yes", ""},
    {"ended by an error", WHO "stage=data end=error after=none r451=yes", ""},
};

static struct span sins_of(const struct judgement *j, char *text) {
  struct span line = span_of(text, score_format(j, text));
  span_cut(&line, ' ');
  span_cut(&line, ' ');
  struct span sins = span_cut(&line, ' ');
  return span_from(sins, 5);
}

static void judge(const char *text, const struct rules *rules, struct judgement *j) {
  static struct sessionline line;
  struct span bad;
  if (!sessionline_decode(span_str(text), &line, &bad)) test_is_broken("malformed line", text);
  ok(score_line(&line, rules, j), "the database is whole");
}

static void with_tables(void) {
  static struct judgement j;
  static struct rules rules;
  char text[SCORE_TEXT_MAX];
  rules_of(&rules, files);
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    judge(rows[i].line, &rules, &j);
    is_text(sins_of(&j, text), rows[i].sins, "%s", rows[i].name);
  }
  rules_close(&rules);
}

static bool has_row(const char *sin) {
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct span sins = span_str(rows[i].sins), name;
    while (field_list_next(&sins, &name))
      if (span_is(name, sin)) return true;
  }
  return false;
}

static void each_has_a_row(void) {
  for (int sin = 0; sin < SIN_COUNT; sin++)
    ok(has_row(sin_names[sin]), "%s has a row", sin_names[sin]);
}

/* If a table does not exist, its checks are off. */
static void without_tables(void) {
  static const struct rule_text none[] = {{NULL, NULL}};
  static struct judgement j;
  static struct rules rules;
  char text[SCORE_TEXT_MAX];
  rules_of(&rules, none);
  judge(
      LINE
      "helo=mail.trap.lcl from=joe@ours.example to=trap@ours.example,a@b.example,c@d.example,"
      "e@f.example dialect=HELO%20H|QUIT dnsbl=zen.example:127.0.0.2 ptr=pool-192-0-2-7.a.example",
      &rules, &j);
  is_text(sins_of(&j, text), "generic-rdns", "no tables, no look-ups");
  rules_close(&rules);
}

/* A last label is unknown only if both tables of known ones exist. */
static void one_table_of_two(void) {
  static const struct {
    struct rule_text file;
    const char *unknown, *private;
  } sets[] = {
      {{"tlds", "org\n"}, "", ""},
      {{"private-tlds", "local\n"}, "", "helo-tld"},
  };
  static struct judgement j;
  static struct rules rules;
  char text[SCORE_TEXT_MAX];
  for (size_t i = 0; i < sizeof sets / sizeof *sets; i++) {
    const struct rule_text made[] = {sets[i].file, {NULL, NULL}};
    rules_of(&rules, made);
    judge(LINE "helo=mail.firm.lcl", &rules, &j);
    is_text(sins_of(&j, text), sets[i].unknown, "an unknown last label, only %s", made[0].file);
    judge(LINE "helo=mail.firm.local", &rules, &j);
    is_text(sins_of(&j, text), sets[i].private, "a private last label, only %s", made[0].file);
    rules_close(&rules);
  }
}

static void listings_add_up(void) {
  static const struct {
    const char *line;
    int points, witness;
    bool sure;
  } sums[] = {
      {FROM "192.0.2.65", 3, 3, false},
      {FROM "192.0.2.65 dnsbl=zen.example:127.0.0.2", 7, 7, false},
      {FROM "192.0.2.65 dnsbl=zen.example:127.0.0.2,small.example:127.0.0.2", 8, 8, false},
      {FROM "192.0.2.72 dnsbl=small.example:127.0.0.2", 8, 8, false},
      {FROM "192.0.2.7 dnsbl=loud.example:127.0.0.2", 8, 8, true},
      {FROM "192.0.2.7 dnsbl=zen.example:127.0.0.4,zen.example:127.0.0.10", 4, 4, false},
      {FROM "192.0.2.7 dnsbl=zen.example:127.0.0.4,small.example:127.0.0.10", 6, 6, false},
      {FROM "192.0.2.7 dnsbl=small.example:127.0.0.4,zen.example:127.0.0.2,small.example:127.0.0.2",
       6, 6, false},
      {FROM "192.0.2.7 dnsbl=zen.example:127.255.255.254,zen.example:127.0.0.4", 4, 4, false},
      {FROM "192.0.2.7 dnsbl=grey.example:127.0.0.4", 2, 0, false},
      {FROM "192.0.2.65 dnsbl=grey.example:127.0.0.4", 5, 3, false},
      {FROM "192.0.2.72 dnsbl=grey.example:127.0.0.4", 8, 7, false},
      {FROM "192.0.2.7 dnsbl=grey.example:127.0.0.4,loud.example:127.0.0.2", 8, 8, true},
  };
  static struct judgement j;
  static struct rules rules;
  rules_of(&rules, files);
  for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
    const struct hit *hit = &j.hits.hit[SIN_LISTED];
    judge(sums[i].line, &rules, &j);
    ok(j.hits.fired[SIN_LISTED], "listed");
    ok(hit->points == sums[i].points, "%d points", sums[i].points);
    ok(hit->witness == sums[i].witness, "%d of them witness", sums[i].witness);
    ok(hit->sure == sums[i].sure, "sure or not");
  }
  rules_close(&rules);
}

/* A host name has at most 255 bytes. */
static void long_names(void) {
  static struct judgement j;
  static struct rules rules;
  char line[1024], text[SCORE_TEXT_MAX];
  rules_of(&rules, files);
  for (int len = 255; len <= 256; len++) {
    int n = snprintf(line, sizeof line, "%shelo=", LINE);
    for (int i = 0; i < len - 4; i++) line[n + i] = i % 50 == 49 ? '.' : 'a';
    snprintf(line + n + len - 4, 8, ".org");
    judge(line, &rules, &j);
    is_text(sins_of(&j, text), len > 255 ? "helo-chars" : "", "a name of %d bytes", len);
  }
  rules_close(&rules);
}

static size_t add_names(char *line, size_t len, size_t cap, const char *key, size_t count) {
  len += (size_t)snprintf(line + len, cap - len, " %s=x", key);
  for (size_t i = 1; i < count; i++) len += (size_t)snprintf(line + len, cap - len, ",x");
  return len;
}

/* Names that do not fit into the struct are left out. */
static void bounded(void) {
  static struct judgement j;
  static struct rules rules;
  static char line[LINE_BYTES_MAX];
  rules_of(&rules, files);
  for (size_t more = 0; more < 2; more++) {
    size_t len = (size_t)snprintf(line, sizeof line, WHO "stage=rcpt end=stop");
    len = add_names(line, len, sizeof line, "helo", PARSEDLINE_NAMES_MAX - 1 + 2 * more);
    len = add_names(line, len, sizeof line, "to", PARSEDLINE_RECIPIENTS_MAX - 1 + 2 * more);
    add_names(line, len, sizeof line, "ptr", PARSEDLINE_NAMES_MAX - 1 + 2 * more);
    judge(line, &rules, &j);
    ok(j.parsed.helos == PARSEDLINE_NAMES_MAX - 1 + more, "%zu names", j.parsed.helos);
    ok(j.parsed.recipients == PARSEDLINE_RECIPIENTS_MAX - 1 + more, "%zu recipients",
       j.parsed.recipients);
    ok(j.parsed.ptrs == PARSEDLINE_NAMES_MAX - 1 + more, "%zu reverse names", j.parsed.ptrs);
  }
  rules_close(&rules);
}

/* A reverse name that no longer fits is not a missing one. */
static void crowded(void) {
  static struct judgement j;
  static struct rules rules;
  static char line[LINE_BYTES_MAX];
  char text[SCORE_TEXT_MAX];
  struct sessionline session;
  struct span bad;
  rules_of(&rules, files);
  size_t len = (size_t)snprintf(line, sizeof line, WHO "stage=rcpt end=stop helo=");
  memset(line + len, 'a', 4000);
  len += 4000;
  len += (size_t)snprintf(line + len, sizeof line - len, " ptr=");
  memset(line + len, 'b', 300);
  len += 300;
  if (!sessionline_decode(span_of(line, len), &session, &bad)) test_is_broken("line", "crowded");
  if (!score_line(&session, &rules, &j)) test_is_broken("damaged", "rules");
  is_text(sins_of(&j, text), "helo-label,helo-chars",
          "a name that does not fit is not a missing one");
  rules_close(&rules);
}

int main(void) {
  with_tables();
  each_has_a_row();
  without_tables();
  one_table_of_two();
  listings_add_up();
  long_names();
  bounded();
  crowded();
  return done();
}
