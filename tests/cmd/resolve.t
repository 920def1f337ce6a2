#!/usr/bin/perl
# sinbin-resolve against a real name server on loopback: facts, order, bounds, deadlines, lists, ends.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Dns qw(spew slurp until_true);
use Fcntl qw(F_GETFL F_SETFL O_NONBLOCK);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'no nsd: sh package/deps check' unless Dns::program();

my $bin = $ENV{SINBIN_BIN} || 'bin';
my $dir = tempdir('sinbin-resolve-XXXXXX', TMPDIR => 1, CLEANUP => 1);
$SIG{PIPE} = 'IGNORE';
delete @ENV{qw(NAMESERVERS DEADLINE IN_FLIGHT LATE NETWORK_BUDGET CACHE_MIB DNSBL DNSWL OWN_ZONES SELFTEST SPECIAL)};

# ---- the zones ----

my $long = join '', map { "long$_ A 9.1.2.$_\n" } 0 .. 59;
my $test = <<'END' . $long;
ns A 127.0.0.1
mx1 A 9.1.1.7
mx1 AAAA 2a00:1:2::7
alias CNAME alias1
alias1 CNAME alias2
alias2 CNAME mx1
ring1 CNAME ring2
ring2 CNAME ring1
dangling CNAME nowhere
near A 9.1.1.200
far A 9.9.9.9
empty TXT "no address"
onlysix AAAA 2a00:9::1
dom MX 10 mx1
null MX 0 .
*.once A 9.1.1.30
*.slow300 A 9.1.1.31
*.drop A 9.1.1.32
*.many A 9.1.1.7
END
my $tens = join '', map { "60.2.1.9 PTR long$_.test.\n" } 0 .. 59;
my $reverse = <<'END' . $tens;
7.1.1.9 PTR mx1.test.
8.1.1.9 PTR far.test.
9.1.1.9 PTR mx1.test.
9.1.1.9 PTR nine.test.
10.1.1.9 CNAME 10.0-63.1.1.9
10.0-63.1.1.9 PTR far.test.
11.1.1.9 PTR a\010b\032c\,d\%e\255f.test.
12.1.1.9 PTR \?.
13.1.1.9 PTR .
14.1.1.9 TXT "no name"
15.1.1.9 PTR x.drop.test.
END
my $reverse6 = "7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.2.0.0.0.1.0.0.0.0.0.a.2 PTR mx1.test.\n";
my $listed = "2.0.0.127 A 127.0.0.2\n7.1.1.9 A 127.0.0.11\n7.1.1.9 A 127.0.0.4\n8.1.1.9 A 127.0.0.9\n";
my $listed6 = join('.', reverse split //, '00000000000000000000ffff7f000002') . " A 127.0.0.2\n"
  . join('.', reverse split //, '2a000001000200000000000000000007') . " A 127.0.0.6\n";
my $dns = Dns->new(
  test => $test, 'in-addr.arpa' => $reverse, 'ip6.arpa' => $reverse6, 'broken.test' => undef,
  'bl.test' => $listed, 'six.test' => $listed . $listed6, 'wl.test' => "2.0.0.127 A 127.0.0.2\n8.1.1.9 A 127.0.10.1\n",
  'liar.test' => "* A 127.0.0.2\n", 'dead.test' => '',
  'odd.test' => "2.0.0.127 A 127.0.0.2\n7.1.1.9 A 127.255.255.254\n8.1.1.9 A 127.0.0.3\n");
my $server = "127.0.0.1:$dns->{port}";

# ---- running it ----

sub line { my ($fields) = @_; return "session1 at=1764000000.123 ms=14023 stage=data end=fin $fields" }

# Runs it over whole input; returns output, diagnostics, exit code.
sub resolve {
  my ($input, %env) = @_;
  %env = (NAMESERVERS => $server, DEADLINE => 20, %env);
  open my $in, '>', "$dir/in" or die;
  print $in $input;
  close $in or die;
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<', "$dir/in" or die;
    open STDOUT, '>', "$dir/out" or die;
    open STDERR, '>', "$dir/err" or die;
    $ENV{$_} = $env{$_} for keys %env;
    exec "$bin/sinbin-resolve", @{ delete $env{ARGS} || [] } or die "exec: $!";
  }
  waitpid $pid, 0;
  return (slurp("$dir/out"), slurp("$dir/err"), $? & 127 ? "signal $?" : $? >> 8);
}

# Starts it between two pipes.
sub begin {
  my (%env) = @_;
  %env = (NAMESERVERS => $server, DEADLINE => 20, %env);
  pipe my $in, my $to or die;
  pipe my $from, my $out or die;
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<&', $in or die;
    open STDOUT, '>&', $out or die;
    open STDERR, '>', "$dir/err" or die;
    close $_ for $in, $to, $from, $out;
    $ENV{$_} = $env{$_} for keys %env;
    exec "$bin/sinbin-resolve" or die "exec: $!";
  }
  close $in;
  close $out;
  fcntl $to, F_SETFL, fcntl($to, F_GETFL, 0) | O_NONBLOCK;
  return { pid => $pid, to => $to, from => $from, text => '' };
}

sub say_to { my ($r, $text) = @_; syswrite $r->{to}, $text }

# The next line, within half a minute; undef at the end.
sub hear {
  my ($r) = @_;
  my $select = IO::Select->new($r->{from});
  for (;;) {
    return $1 if $r->{text} =~ s/^(.*)\n//;
    return unless $select->can_read(30) && sysread $r->{from}, $r->{text}, 65536, length $r->{text};
  }
}

sub end { my ($r) = @_; close $r->{to}; my @rest; while (defined(my $l = hear($r))) { push @rest, $l } waitpid $r->{pid}, 0; return ($?, @rest) }

# ---- facts ----

# Without the lists, and a peer without a name unless something else is said.
my $noname = 'peer=9.1.9.9';
my @rows = (
  ['a name that leads back', 'peer=9.1.1.7', 'ptr=mx1.test fcrdns=yes'],
  ['a name that leads elsewhere', 'peer=9.1.1.8', 'ptr=far.test fcrdns=no'],
  ['two names that lead nowhere', 'peer=9.1.1.9', 'ptr=mx1.test,nine.test fcrdns=no'],
  ['a delegation by CNAME (RFC 2317)', 'peer=9.1.1.10', 'ptr=far.test fcrdns=no'],
  ['strange bytes', 'peer=9.1.1.11', 'ptr=a\010b%20c%2Cd%25e\255f.test fcrdns=no'],
  ['a question mark', 'peer=9.1.1.12', 'ptr=%3F fcrdns=no'],
  ['the root', 'peer=9.1.1.13', 'ptr=. fcrdns=no'],
  ['NODATA', 'peer=9.1.1.14', 'ptr='],
  ['NXDOMAIN', $noname, 'ptr='],
  ['IPv6', 'peer=2a00:1:2::7', 'ptr=mx1.test fcrdns=yes'],
  ['IPv6 without a name', 'peer=2a00:1:2::8', 'ptr='],
  ['a zone that no server has', 'peer=9.1.1.7 helo=a.example', 'ptr=mx1.test fcrdns=yes heloa=?'],
  ['sixty names, which no datagram holds', 'peer=9.1.2.60', 'ptr=LONG'],
  ['HELO is the peer', 'peer=9.1.1.7 helo=MX1.test', 'ptr=mx1.test fcrdns=yes heloa=peer'],
  ['HELO by three CNAMEs', 'peer=9.1.1.7 helo=alias.test', 'ptr=mx1.test fcrdns=yes heloa=peer'],
  ['HELO in a ring of CNAMEs', "$noname helo=ring1.test", 'ptr= heloa=?'],
  ['HELO a CNAME of nothing', "$noname helo=dangling.test", 'ptr= heloa=?'],
  ['HELO near', 'peer=9.1.1.8 helo=near.test', 'ptr=far.test fcrdns=no heloa=near'],
  ['HELO elsewhere', 'peer=9.1.1.8 helo=far.test', 'ptr=far.test fcrdns=no heloa=other'],
  ['HELO nowhere', "$noname helo=nope.test", 'ptr= heloa=none'],
  ['HELO without an address', "$noname helo=empty.test", 'ptr= heloa=?'],
  ['HELO with another family', "$noname helo=onlysix.test", 'ptr= heloa=?'],
  ['HELO in a zone that fails', "$noname helo=a.broken.test", 'ptr= heloa=?'],
  ['HELO of one label', "$noname helo=test", 'ptr='],
  ['a sender with MX', "$noname from=a\@dom.test", 'ptr= sendermx=yes'],
  ['a sender with an address', "$noname from=a\@near.test", 'ptr= sendermx=yes'],
  ['a sender with an IPv6 address', "$noname from=a\@onlysix.test", 'ptr= sendermx=yes'],
  ['a sender that takes no mail', "$noname from=a\@null.test", 'ptr= sendermx=?'],
  ['a sender that is but a name', "$noname from=a\@empty.test", 'ptr= sendermx=?'],
  ['a sender from nowhere', "$noname from=a\@nope.test", 'ptr= sendermx=no'],
  ['a sender in a zone that fails', "$noname from=a\@b.broken.test", 'ptr= sendermx=?'],
  ['the null sender', "$noname from=<>", 'ptr='],
  ['old facts are replaced', "$noname ptr=old fcrdns=yes heloa=peer sendermx=yes dnsbl=a:127.0.0.2 dnswl=b:127.0.0.2 x=1",
    'x=1 ptr='],
  ['a private peer', 'peer=10.1.1.7 helo=nope.test', ''],
);
my ($out, $err, $code) = resolve(join '', map { line($_->[1]) . "\n" } @rows);
my @got = split /\n/, $out, -1;
is $code, 0, 'a log is resolved';
for my $row (@rows) {
  my ($name, $fields, $want) = @$row;
  my ($kept) = $fields =~ /^(.*?)(?: ptr=.*)?$/;
  my $line = shift @got // '';
  # Of sixty names ten are followed; the server puts them in an order of its own.
  if ($want eq 'ptr=LONG') {
    like $line, qr/ ptr=(?:long\d+\.test,){9}long\d+\.test fcrdns=\?$| ptr=long\d+\.test fcrdns=yes$/, $name;
    next;
  }
  is $line, line($kept) . ($want eq '' ? '' : " $want"), $name;
}
like $err, qr/lines resolved ${\scalar @rows}, past the deadline 0,/, 'it tells how many lines';

# ---- lines of all kinds ----

my $label = '@400000006b04de0c0cc3c80f';
my $huge = line('x=' . 'x' x 9000);
my @mixed = ("$label " . line($noname), 'lost1 at=1.000', 'sinbin-listen: warning: 2 times', 'gibberish', '',
  line('peer=9.1.1.999'), $huge, line("$noname rules=0 sins= score=0 verdict=clean"));
($out, $err, $code) = resolve(join("\n", @mixed) . "\nlost1 half");
my @want = @mixed;
$_ .= ' ptr=' for @want[0, 7];
is $out, join("\n", @want) . "\nlost1 half", 'others and unreadable ones pass, in order, unchanged';
is $code, 0, 'and are no error';
like $err, qr/warning: standard input:4: malformed session line at: gibberish \(1 so far\)/, 'they are told of';
($out, $err, $code) = resolve('y' x 300_000 . "\nlost1\n");
is $out, "lost1\n", 'a line without end is dropped';
like $err, qr/too long, dropped/, 'aloud';

# ---- lists ----

spew("$dir/bl", "# ours\nbl.test\nsix.test v6 name=Six 127.0.0.2-8\nliar.test\ndead.test\nbroken.test\n");
spew("$dir/wl", "wl.test 127.0.0-255.1-3\n");
my %lists = (DNSBL => "$dir/bl", DNSWL => "$dir/wl");
($out, $err, $code) = resolve(join('', map { line($_) . "\n" } 'peer=9.1.1.7', 'peer=9.1.1.8', 'peer=2a00:1:2::7', 'peer=127.0.0.2'), %lists);
is $out, join('', map { line($_) . "\n" }
  'peer=9.1.1.7 ptr=mx1.test fcrdns=yes dnsbl=bl.test:127.0.0.4,bl.test:127.0.0.11,six:127.0.0.4 dnswl=',
  'peer=9.1.1.8 ptr=far.test fcrdns=no dnsbl=bl.test:127.0.0.9 dnswl=wl.test:127.0.10.1',
  'peer=2a00:1:2::7 ptr=mx1.test fcrdns=yes dnsbl=six:127.0.0.6', 'peer=127.0.0.2'), 'lists are asked';
like $err, qr/list liar\.test \(IPv4\) is muted: it lists 127\.0\.0\.1/, 'one that lists everybody is muted';
like $err, qr/list dead\.test \(IPv4\) is muted: it does not list 127\.0\.0\.2/, 'one that lists nobody is';
like $err, qr/list broken\.test \(IPv4\) is muted: it does not answer/, 'one that fails is';
unlike $err, qr/list (?:bl|six|wl)\.test/, 'good ones are not';

spew("$dir/odd", "odd.test\n");
my $r = begin(DNSBL => "$dir/odd");
say_to($r, line('peer=9.1.1.8') . "\n");
is hear($r), line('peer=9.1.1.8 ptr=far.test fcrdns=no dnsbl=odd.test:127.0.0.3'), 'a list before it refuses';
say_to($r, line('peer=9.1.1.7') . "\n");
is hear($r), line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes dnsbl=odd.test:?'), 'its refusal is no listing';
say_to($r, line('peer=9.1.1.8') . "\n");
is hear($r), line('peer=9.1.1.8 ptr=far.test fcrdns=no'), 'then it is not asked any more';
end($r);
like slurp("$dir/err"), qr/list odd\.test \(IPv4\) is muted: it refuses to answer/, 'aloud';

spew("$dir/turn", "dead.test\n");
$r = begin(DNSBL => "$dir/turn", SELFTEST => 1);
say_to($r, line($noname) . "\n");
is hear($r), line("$noname ptr="), 'a list that fails its test at the start is not asked';
$dns->zone('dead.test', "2.0.0.127 A 127.0.0.2\n9.9.1.9 A 127.0.0.5\n");
$dns->reload;
ok until_true(sub { slurp("$dir/err") =~ /list dead\.test \(IPv4\) passes its test again/ }), 'it recovers'
  or diag slurp("$dir/err"), slurp("$dns->{dir}/log");
say_to($r, line($noname) . "\n");
is hear($r), line("$noname ptr= dnsbl=dead.test:127.0.0.5"), 'and is asked';
$dns->zone('dead.test', "* A 127.0.0.2\n");
$dns->reload;
ok until_true(sub { slurp("$dir/err") =~ /list dead\.test \(IPv4\) is muted: it lists 127.*muted: it lists 127|passes its test again\n.*muted: it lists 127\.0\.0\.1/s }),
  'it fails later on';
say_to($r, line($noname) . "\n");
is hear($r), line("$noname ptr="), 'and is not asked again';
is((end($r))[0], 0, 'it ends at the end of input');

# ---- what is asked ----

my $port = $dns->relay;
{
  local $ENV{LOCALDOMAIN} = 'search.test';
  local $ENV{RES_OPTIONS} = 'ndots:9';
  spew("$dir/one", "bl.test\n");
  ($out, $err) = resolve(line('peer=9.1.1.7 helo=alias.test from=a@nope.test') . "\n" . line('peer=9.1.1.7 helo=ylmf-pc') . "\n"
      . line('peer=9.1.1.7 helo=alias.test. from=b@Nope.test') . "\n" x 1000, NAMESERVERS => "127.0.0.1:$port", DNSBL => "$dir/one");
}
is_deeply $dns->asked($port), { map { $_ => 1 } '12 7.1.1.9.in-addr.arpa.', '1 mx1.test.', '1 alias.test.', '15 nope.test.',
    '1 nope.test.', '1 7.1.1.9.bl.test.', '1 2.0.0.127.bl.test.', '1 1.0.0.127.bl.test.' },
  'every question is asked once, as it is, and no other one' or diag explain $dns->asked($port);
$port = $dns->relay;
resolve(join('', map { line('peer=9.1.1.7 helo=alias.test from=a@nope.test') . "\n" } 1 .. 1000), NAMESERVERS => "127.0.0.1:$port", CACHE_MIB => 1);
my ($asked) = slurp("$dir/err") =~ /questions asked (\d+)/;
is $asked, 5, 'a thousand equal lines ask five questions';
is 0 + keys %{ $dns->asked($port) }, 5, 'and the server hears five';

# ---- many lines, a network that loses and delays ----

my $lossy = '127.0.0.1:' . $dns->relay(lossy => 1);
my @many = map { line(sprintf 'peer=9.3.%d.%d helo=h%d.many.test from=a@%s.nope%d.test', $_ / 250, $_ % 250, $_, 'x', $_) } 1 .. 5000;
# The relay may be slow on a machine that is busy.
$r = begin(NAMESERVERS => $lossy, DEADLINE => 60, LATE => 60, NETWORK_BUDGET => 10000, DNSBL => "$dir/one");
my ($todo, $memory, @heard) = (join('', map { "$_\n" } @many), 0);
while (@heard < @many) {
  if ($todo ne '') { my $put = syswrite $r->{to}, $todo, 65536; substr($todo, 0, $put) = '' if $put }
  my $ready = IO::Select->new($r->{from})->can_read($todo eq '' ? 30 : 0.01);
  next if !$ready && $todo ne '';
  defined(my $l = hear($r)) or last;
  push @heard, $l;
  push @heard, $1 while $r->{text} =~ s/^(.*)\n//;
  ($memory) = slurp("/proc/$r->{pid}/status") =~ /VmHWM:\s+(\d+)/ if @heard < 4900;
}
is 0 + @heard, 5000, '5,000 lines at once come back';
my @unlike = grep { $heard[$_] ne "$many[$_] ptr= heloa=other sendermx=no dnsbl=" } 0 .. $#many;
is 0 + @unlike, 0, 'in order, all answered, although every 50th question was lost once' or diag $heard[ $unlike[0] ];
my $sanitized = slurp("$bin/sinbin-resolve") =~ /__asan_init/;
cmp_ok $memory, '<', $sanitized ? 1_000_000 : 60_000, "in bounded memory ($memory KiB)";
end($r);
($out) = resolve(line("$noname helo=x.slow300.test") . "\n" . line("$noname helo=y.once.test") . "\n", NAMESERVERS => $lossy);
is $out, line("$noname helo=x.slow300.test ptr= heloa=other") . "\n" . line("$noname helo=y.once.test ptr= heloa=other") . "\n",
  'slow and lost answers are waited for';

# ---- deadlines ----

$r = begin(NAMESERVERS => $lossy, DEADLINE => 1);
my $began = time;
say_to($r, line("$noname helo=x.drop.test") . "\n" . line('peer=9.1.1.7') . "\n" . line('peer=9.1.1.15') . "\n");
is hear($r), line("$noname helo=x.drop.test ptr= heloa=?"), 'what is not answered is not known';
my $took = time - $began;
ok $took > 0.9, 'a line waits for its deadline';
ok $took < 15, "and not much longer ($took s)";
is hear($r), line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes'), 'the next line has its facts';
is hear($r), line('peer=9.1.1.15 ptr=x.drop.test fcrdns=?'), 'a name that may lead back is no mismatch';
end($r);

# More lines than are worked on at a time: one after the other they would take half a minute.
$r = begin(NAMESERVERS => $lossy, DEADLINE => 3, IN_FLIGHT => 5);
say_to($r, join '', map { line("$noname helo=h$_.drop.test") . "\n" } 1 .. 50);
say_to($r, line("$noname helo=half"));
sleep 0.3;
$began = time;
kill TERM => $r->{pid};
@heard = ();
while (defined(my $l = hear($r))) { push @heard, $l }
waitpid $r->{pid}, 0;
$took = time - $began;
is $?, 0, 'SIGTERM ends it with 0';
s/ ptr=\K\?(?: fcrdns=\?)?// for @heard;
is_deeply \@heard, [map { line("$noname helo=h$_.drop.test ptr= heloa=?") } 1 .. 50], 'after all whole lines it had read';
ok $took < 15, "within the deadline ($took s)";

# More questions without an answer than can be under way: what nobody waits for any more is not asked.
$r = begin(NAMESERVERS => $lossy, DEADLINE => 6, IN_FLIGHT => 6000);
my $backlog = join '', map { line("$noname helo=b$_.drop.test") . "\n" } 1 .. 5000;
while ($backlog ne '') {
  my $put = syswrite $r->{to}, $backlog, 65536;
  if ($put) { substr($backlog, 0, $put) = '' }
  else { sleep 0.01 }
}
my $unknown = grep { (hear($r) // '') =~ / heloa=\?$/ } 1 .. 5000;
is $unknown, 5000, '5,000 names that nobody answers for';
say_to($r, line('peer=9.1.1.10') . "\n");
is hear($r), line('peer=9.1.1.10 ptr=far.test fcrdns=no'), 'do not stand before a name that somebody does';
end($r);

# ---- bounds ----

# Writes until nothing is taken for a second; returns the bytes.
sub stuff {
  my ($q, $line) = @_;
  my ($sum, $last) = (0, time);
  while (time - $last < 1 && $sum < 50_000_000) {
    my $put = syswrite $q->{to}, $line x 20;
    if ($put) { $sum += $put; $last = time }
    else { sleep 0.01 }
  }
  return $sum;
}

$r = begin(NAMESERVERS => $lossy, DEADLINE => 60, LATE => 60, IN_FLIGHT => 10);
my $sum = stuff($r, line("$noname helo=z.drop.test") . "\n");
cmp_ok $sum, '<', 1_000_000, "ten lines in flight: it stops reading ($sum bytes)";
kill KILL => $r->{pid};
end($r);
$r = begin(IN_FLIGHT => 100);
$sum = stuff($r, line('peer=10.1.1.7') . "\n");
cmp_ok $sum, '<', 2_000_000, "nobody reads its output: it stops reading ($sum bytes)";
my ($status, @rest) = end($r);
is $status, 0, 'once read, it ends';
is join('', map { "$_\n" } @rest), substr(line('peer=10.1.1.7') . "\n", 0) x int($sum / length line("peer=10.1.1.7\n"))
  . ($sum % length line("peer=10.1.1.7\n") ? substr(line('peer=10.1.1.7'), 0, $sum % length line("peer=10.1.1.7\n")) . "\n" : ''),
  'and every byte is there';

# ---- floods of peers whose name servers do not answer ----

# Feeds lines as fast as they are taken; returns what came back, and how long it took.
sub flood {
  my ($r, @lines) = @_;
  my ($todo, $began, @heard) = (join('', map { "$_\n" } @lines), time);
  while (@heard < @lines) {
    if ($todo ne '') { my $put = syswrite $r->{to}, $todo, 65536; substr($todo, 0, $put) = '' if $put }
    my $ready = IO::Select->new($r->{from})->can_read($todo eq '' ? 30 : 0.01);
    next if !$ready && $todo ne '';
    defined(my $l = hear($r)) or last;
    push @heard, $l;
    push @heard, $1 while $r->{text} =~ s/^(.*)\n//;
  }
  return (time - $began, @heard);
}

my $dead = '127.0.0.1:' . $dns->relay(dead => qr/\.1\.77\.11\.in-addr\.arpa|d\.a\.e\.d\.b\.0\.a\.2\.ip6\.arpa/);
my %flood = (
  'one network, names that nobody answers for' => sub { sprintf 'peer=11.77.1.%d helo=h%d.drop.test', $_[0] % 250, $_[0] },
  'an IPv6 /32' => sub { sprintf 'peer=2a0b:dead:%x::9', $_[0] },
  'many networks, senders that nobody answers for' => sub { sprintf 'peer=9.%d.%d.7 from=a@x.s%d.drop.test', 4 + $_[0] / 250, $_[0] % 250, $_[0] },
);
for my $name (sort keys %flood) {
  $r = begin(NAMESERVERS => $dead, DEADLINE => 20);
  # Every five hundredth is another peer's.
  my @lines = map { line($_ % 500 == 499 ? "peer=9.3.$_.9" =~ s/\.(\d+)\.9$/sprintf '.%d.%d', $1 \/ 250, $1 % 250/er : $flood{$name}->($_)) } 0 .. 29_999;
  my ($took, @heard) = flood($r, @lines);
  is scalar(@heard), 30_000, "$name: every line comes back";
  cmp_ok $took, '<', 60, sprintf 'at %d lines a second, where 1,000 in 20 seconds would wait for answers', 30_000 / $took;
  my @order = grep { index($heard[$_], $lines[$_]) != 0 } 0 .. $#lines;
  is scalar(@order), 0, 'in order';
  my @others = map { $heard[ 500 * $_ + 499 ] } 0 .. 59;
  is scalar(grep { / ptr=$/ } @others), 60, 'the lines of others have their facts' or diag join "\n", @others[0 .. 3];
  close $r->{to};
  waitpid $r->{pid}, 0;
  like slurp("$dir/err"), qr/warning: name servers are slow: lines given up early: \d+, questions not asked: \d+$/m, 'it says so';
  like slurp("$dir/err"), qr/; not asked: slow network \d+, slow zone \d+, silent name server \d+, too many 0$/m, 'and counts what was not asked';
}

# A network that answers, but needs a while, is asked: 300 questions are under way at once.
$r = begin(NAMESERVERS => $dead);
my (undef, @slow) = flood($r, map { line("$noname helo=n$_.slow300.test") } 1 .. 300);
is scalar(grep { / ptr= heloa=other$/ } @slow), 300, 'slow answers are no reason not to ask';
end($r);

# No name server at all: lines pass all the same.
$r = begin(NAMESERVERS => '127.0.0.1:' . $dns->relay(dead => qr/./), DEADLINE => 20);
my ($mute, @mute) = flood($r, map { line(sprintf 'peer=9.%d.%d.%d helo=h%d.test', 4 + $_ / 62500, $_ / 250 % 250, $_ % 250, $_) } 0 .. 29_999);
is scalar(grep { / ptr=\? fcrdns=\? heloa=\?$/ } @mute), 30_000, 'a name server that never answers: no facts';
cmp_ok $mute, '<', 60, sprintf 'at %d lines a second', 30_000 / $mute;
kill KILL => $r->{pid};
end($r);

# It sleeps while a question is under way.
$r = begin(NAMESERVERS => $dead, DEADLINE => 3);
say_to($r, line("$noname helo=cpu.drop.test") . "\n");
hear($r);
my @times = (split / /, slurp("/proc/$r->{pid}/stat"))[13, 14];
cmp_ok $times[0] + $times[1], '<', 50, "waiting for three seconds takes no time of the processor (@times)";
end($r);

# Without descriptors 0 and 2 it starts all the same.
system("$bin/sinbin-resolve <&- >$dir/out 2>$dir/err");
is $?, 0, 'no standard input is an empty one';
system("$bin/sinbin-resolve </dev/null >$dir/out 2>&-");
is $?, 0, 'no standard error is none';

# ---- servers that fail ----

$r = begin(DEADLINE => 4);
say_to($r, line('peer=9.1.1.7') . "\n");
is hear($r), line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes'), 'a server that is there';
$dns->stop;
say_to($r, line('peer=9.1.1.8') . "\n" . line('peer=9.1.1.7') . "\n");
is hear($r), line('peer=9.1.1.8 ptr=? fcrdns=?'), 'one that was killed';
is hear($r), line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes'), 'what is known is told all the same';
say_to($r, line('peer=9.1.1.9 helo=mx1.test') . "\n");
$dns->start;
say_to($r, line('peer=9.1.1.10') . "\n");
like hear($r), qr/^\Q${\line('peer=9.1.1.9 helo=mx1.test')} ptr=\E/, 'a line in between';
is hear($r), line('peer=9.1.1.10 ptr=far.test fcrdns=no'), 'one that has come back';
say_to($r, line('peer=9.1.1.8') . "\n");
is hear($r), line('peer=9.1.1.8 ptr=far.test fcrdns=no'), 'what was not known is asked again';
end($r);
$dns->stop;
$r = begin();
say_to($r, line('peer=9.1.1.8') . "\n");
ok until_true(sub { slurp("/proc/$r->{pid}/stat") =~ / S / }), 'a line while no server is there';
sleep 0.5;
$dns->start;
is hear($r), line('peer=9.1.1.8 ptr=far.test fcrdns=no'), 'gets its facts where one comes in time';
end($r);
my $nobody = Dns::free_port();
($out) = resolve(line('peer=9.1.1.7') . "\n", NAMESERVERS => "127.0.0.1:$nobody  $server");
is $out, line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes') . "\n", 'the second server where nobody is at the first';
my $refusing = Dns->new('other.test' => "x A 127.0.0.1\n", 'ns.test' => "@ A 127.0.0.1\n");
($out, $err) = resolve(line('peer=9.1.1.7') . "\n", NAMESERVERS => "127.0.0.1:$refusing->{port} $server");
is $out, line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes') . "\n", 'or the first refuses';
($out, $err) = resolve(line('peer=9.1.1.7') . "\n", NAMESERVERS => "127.0.0.1:$refusing->{port}");
is $out, line('peer=9.1.1.7 ptr=? fcrdns=?') . "\n", 'and no fact where all do';

# Only root can listen on port 53, and put a file in the place of /etc/resolv.conf, in a mount namespace of its own.
SKIP: {
  my $host = join '.', 127, map { 1 + int rand 250 } 1 .. 3;
  spew("$dir/resolv.conf", "search search.test\nnameserver $host\n");
  my $mount = "unshare -m sh -c 'mount --bind $dir/resolv.conf /etc/resolv.conf";
  skip 'no mount namespace, or no port 53 here', 1
    if system("$mount' 2>$dir/err") != 0 || !$dns->relay(host => $host, port => 53);
  spew("$dir/in", line('peer=9.1.1.7') . "\n");
  $out = `$mount && exec $bin/sinbin-resolve' <$dir/in 2>$dir/err`;
  is $out, line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes') . "\n", 'the servers of resolv.conf';
}

# ---- configuration ----

spew("$dir/bad", "bl.test\nbl.test 1.2.3.4\n");
spew("$dir/ownlist", "# x\nzen.bl.test\n");
for my $row (
  [{ DEADLINE => '0.01' }, qr/malformed DEADLINE=0\.01: want seconds/],
  [{ IN_FLIGHT => 0 }, qr/malformed IN_FLIGHT=0:/],
  [{ IN_FLIGHT => '' }, qr/malformed IN_FLIGHT=:/],
  [{ CACHE_MIB => 'much' }, qr/malformed CACHE_MIB=much:/],
  [{ SELFTEST => 0 }, qr/malformed SELFTEST=0:/],
  [{ SPECIAL => 'yes' }, qr/malformed SPECIAL=yes:/],
  (map { [{ NAMESERVERS => $_ }, qr/malformed NAMESERVERS=\Q$_\E: want 1 to 8 of/] }
      '', 'localhost', '127.0.0.1:0', '127.0.0.1:65536', '[::1', '[::1]x', '127.0.0.1:', join ' ', ('127.0.0.1') x 9),
  [{ OWN_ZONES => 'bl..test' }, qr/malformed OWN_ZONES=bl\.\.test:/],
  [{ DNSBL => "$dir/none" }, qr/unable to read \Q$dir\E\/none: No such file/],
  [{ DNSWL => $dir }, qr/unable to read \Q$dir\E: Is a directory/],
  [{ DNSBL => "$dir/bad" }, qr/\Q$dir\E\/bad:2: malformed word/],
  [{ DNSBL => "$dir/ownlist", OWN_ZONES => 'a.test BL.test' }, qr/ownlist:2: the zone is in OWN_ZONES/],
  [{ ARGS => ['x'] }, qr/usage: sinbin-resolve takes no arguments/],
) {
  my ($env, $message) = @$row;
  (undef, $err, $code) = resolve('', %$env);
  is $code, 100, join(' ', map { "$_=$env->{$_}" } keys %$env) . ' is refused';
  like $err, $message, 'and named';
}
(undef, undef, $code) = resolve('', NAMESERVERS => "127.0.0.1 [::1]:5353 ::1 192.0.2.1:53");
is $code, 0, 'all forms of name servers';
(undef, $err, $code) = resolve('', DNSBL => "$dir/ownlist", OWN_ZONES => 'est l.test');
is $code, 0, 'another zone of a like name is not ours';

# ---- the scorer reads it ----

system("cp -r rules $dir/rules && echo 'bl.test 5' >>$dir/rules/dnsbl && $bin/sinbin-rules -o $dir/rules.cdb $dir/rules >$dir/out 2>$dir/err") == 0
  or die 'no rules';
spew("$dir/wl", "wl.test\n");
($out) = resolve(line('peer=9.1.1.7 helo=nope.test from=a@nope.test') . "\n" . line('peer=9.1.1.8') . "\n",
  DNSBL => "$dir/one", DNSWL => "$dir/wl");
spew("$dir/resolved", $out);
my @scored = split /\n/, `$bin/sinbin-score $dir/rules.cdb <$dir/resolved`;
like $scored[0], qr/ sins=\S*\bhelo-unknown\b\S* score/, 'helo-unknown';
like $scored[0], qr/ sins=\S*\bsender-nodomain\b\S* score/, 'sender-nodomain';
like $scored[0], qr/ sins=\S*\blisted\b\S* score/, 'listed';
like $scored[1], qr/ sins=\S*\brdns-mismatch\b\S* score/, 'rdns-mismatch';
like $scored[1], qr/ verdict=exempt$/, 'whitelisted';

# ---- without a reader ----

pipe(my $input, my $feed) or die;
pipe(my $output, my $sink) or die;
my $alone = fork // die "fork: $!";
if (!$alone) {
  close $_ for $feed, $output;
  open STDIN, '<&', $input or die;
  open STDOUT, '>&', $sink or die;
  open STDERR, '>', "$dir/alone" or die;
  $ENV{NAMESERVERS} = $server;
  exec "$bin/sinbin-resolve" or die "exec: $!";
}
close $_ for $input, $sink, $output;
waitpid $alone, 0; # its input stays open, and brings nothing
is $? >> 8, 111, 'nobody reads its output: it ends without a line to write';
like slurp("$dir/alone"), qr/^sinbin-resolve: info: the reader of the output has exited/m, 'and says so';
close $feed;

done_testing;
