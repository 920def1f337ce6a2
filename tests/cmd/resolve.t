#!/usr/bin/perl
# sinbin-resolve against a real name server on loopback: fields, order, bounds, deadlines, lists, stopping.
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
sub start {
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

sub send_text { my ($r, $text) = @_; syswrite $r->{to}, $text }

# The next line, within half a minute; undef at the end.
sub read_line {
  my ($r) = @_;
  my $select = IO::Select->new($r->{from});
  for (;;) {
    return $1 if $r->{text} =~ s/^(.*)\n//;
    return unless $select->can_read(30) && sysread $r->{from}, $r->{text}, 65536, length $r->{text};
  }
}

sub finish { my ($r) = @_; close $r->{to}; my @rest; while (defined(my $l = read_line($r))) { push @rest, $l } waitpid $r->{pid}, 0; return ($?, @rest) }

# ---- facts ----

# Without the lists, and a peer without a name unless something else is said.
my $noname = 'peer=9.1.9.9';
my @rows = (
  ['a name that resolves back', 'peer=9.1.1.7', 'ptr=mx1.test fcrdns=yes'],
  ['a name that resolves to another address', 'peer=9.1.1.8', 'ptr=far.test fcrdns=no'],
  ['two names that do not resolve back', 'peer=9.1.1.9', 'ptr=mx1.test,nine.test fcrdns=no'],
  ['a delegation by CNAME (RFC 2317)', 'peer=9.1.1.10', 'ptr=far.test fcrdns=no'],
  ['unusual bytes', 'peer=9.1.1.11', 'ptr=a\010b%20c%2Cd%25e\255f.test fcrdns=no'],
  ['a question mark', 'peer=9.1.1.12', 'ptr=%3F fcrdns=no'],
  ['the root', 'peer=9.1.1.13', 'ptr=. fcrdns=no'],
  ['NODATA', 'peer=9.1.1.14', 'ptr='],
  ['NXDOMAIN', $noname, 'ptr='],
  ['IPv6', 'peer=2a00:1:2::7', 'ptr=mx1.test fcrdns=yes'],
  ['IPv6 without a name', 'peer=2a00:1:2::8', 'ptr='],
  ['a zone that no server has', 'peer=9.1.1.7 helo=a.example', 'ptr=mx1.test fcrdns=yes heloa=?'],
  ['sixty names, which do not fit a datagram', 'peer=9.1.2.60', 'ptr=LONG'],
  ['HELO is the peer', 'peer=9.1.1.7 helo=MX1.test', 'ptr=mx1.test fcrdns=yes heloa=peer'],
  ['HELO by three CNAMEs', 'peer=9.1.1.7 helo=alias.test', 'ptr=mx1.test fcrdns=yes heloa=peer'],
  ['HELO in a loop of CNAMEs', "$noname helo=ring1.test", 'ptr= heloa=?'],
  ['HELO a CNAME of a name that does not exist', "$noname helo=dangling.test", 'ptr= heloa=?'],
  ['HELO near', 'peer=9.1.1.8 helo=near.test', 'ptr=far.test fcrdns=no heloa=near'],
  ['HELO has another address', 'peer=9.1.1.8 helo=far.test', 'ptr=far.test fcrdns=no heloa=other'],
  ['HELO does not exist', "$noname helo=nope.test", 'ptr= heloa=none'],
  ['HELO without an address', "$noname helo=empty.test", 'ptr= heloa=?'],
  ['HELO with another family', "$noname helo=onlysix.test", 'ptr= heloa=?'],
  ['HELO in a zone that fails', "$noname helo=a.broken.test", 'ptr= heloa=?'],
  ['HELO of one label', "$noname helo=test", 'ptr='],
  ['a sender with MX', "$noname from=a\@dom.test", 'ptr= sendermx=yes'],
  ['a sender with an address', "$noname from=a\@near.test", 'ptr= sendermx=yes'],
  ['a sender with an IPv6 address', "$noname from=a\@onlysix.test", 'ptr= sendermx=yes'],
  ['a sender that takes no mail', "$noname from=a\@null.test", 'ptr= sendermx=?'],
  ['a sender without MX and address', "$noname from=a\@empty.test", 'ptr= sendermx=?'],
  ['a sender that does not exist', "$noname from=a\@nope.test", 'ptr= sendermx=no'],
  ['a sender in a zone that fails', "$noname from=a\@b.broken.test", 'ptr= sendermx=?'],
  ['the null sender', "$noname from=<>", 'ptr='],
  ['old fields are replaced', "$noname ptr=old fcrdns=yes heloa=peer sendermx=yes dnsbl=a:127.0.0.2 dnswl=b:127.0.0.2 x=1",
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
like $err, qr/lines resolved ${\scalar @rows}, past the deadline 0,/, 'it logs how many lines';
unlike $err, qr/unable to hide memory/, 'its memory is hidden';

# ---- lines of all kinds ----

my $label = '@400000006b04de0c0cc3c80f';
my $huge = line('x=' . 'x' x 9000);
my @mixed = ("$label " . line($noname), 'lost1 at=1.000', 'sinbin-listen: warning: 2 times', 'gibberish', '',
  line('peer=9.1.1.999'), $huge, line("$noname rules=0 sins= score=0 verdict=clean"));
($out, $err, $code) = resolve(join("\n", @mixed) . "\nlost1 half");
my @want = @mixed;
$_ .= ' ptr=' for @want[0, 7];
is $out, join("\n", @want) . "\nlost1 half", 'other lines and malformed ones are passed on in order, unchanged';
is $code, 0, 'which is no error';
like $err, qr/warning: standard input:4: malformed session line at: gibberish \(1 so far\)/, 'they are logged';
($out, $err, $code) = resolve('y' x 300_000 . "\nlost1\n");
is $out, "lost1\n", 'a line that is too long is dropped';
like $err, qr/too long, dropped/, 'with a warning';

# ---- lists ----

spew("$dir/bl", "# ours\nbl.test\nsix.test v6 name=Six 127.0.0.2-8\nliar.test\ndead.test\nbroken.test\n");
spew("$dir/wl", "wl.test 127.0.0-255.1-3\n");
my %lists = (DNSBL => "$dir/bl", DNSWL => "$dir/wl");
($out, $err, $code) = resolve(join('', map { line($_) . "\n" } 'peer=9.1.1.7', 'peer=9.1.1.8', 'peer=2a00:1:2::7', 'peer=127.0.0.2'), %lists);
is $out, join('', map { line($_) . "\n" }
  'peer=9.1.1.7 ptr=mx1.test fcrdns=yes dnsbl=bl.test:127.0.0.4,bl.test:127.0.0.11,six:127.0.0.4 dnswl=',
  'peer=9.1.1.8 ptr=far.test fcrdns=no dnsbl=bl.test:127.0.0.9 dnswl=wl.test:127.0.10.1',
  'peer=2a00:1:2::7 ptr=mx1.test fcrdns=yes dnsbl=six:127.0.0.6', 'peer=127.0.0.2'), 'lists are asked';
like $err, qr/list liar\.test \(IPv4\) is muted: it lists 127\.0\.0\.1/, 'a list that lists every address is muted';
like $err, qr/list dead\.test \(IPv4\) is muted: it does not list 127\.0\.0\.2/, 'a list that lists no address is muted';
like $err, qr/list broken\.test \(IPv4\) is muted: it does not answer/, 'a list whose server fails is muted';
unlike $err, qr/list (?:bl|six|wl)\.test/, 'lists that pass are not muted';

spew("$dir/odd", "odd.test\n");
my $r = start(DNSBL => "$dir/odd");
send_text($r, line('peer=9.1.1.8') . "\n");
is read_line($r), line('peer=9.1.1.8 ptr=far.test fcrdns=no dnsbl=odd.test:127.0.0.3'), 'a list that answers';
send_text($r, line('peer=9.1.1.7') . "\n");
is read_line($r), line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes dnsbl=odd.test:?'), 'its refusal is not a listing';
send_text($r, line('peer=9.1.1.8') . "\n");
is read_line($r), line('peer=9.1.1.8 ptr=far.test fcrdns=no'), 'after that it is not asked';
finish($r);
like slurp("$dir/err"), qr/list odd\.test \(IPv4\) is muted: it refuses to answer/, 'with a warning';

spew("$dir/turn", "dead.test\n");
$r = start(DNSBL => "$dir/turn", SELFTEST => 1);
send_text($r, line($noname) . "\n");
is read_line($r), line("$noname ptr="), 'a list that fails its test at the start is not asked';
$dns->zone('dead.test', "2.0.0.127 A 127.0.0.2\n9.9.1.9 A 127.0.0.5\n");
$dns->reload;
ok until_true(sub { slurp("$dir/err") =~ /list dead\.test \(IPv4\) passes its test again/ }), 'it passes a later test'
  or diag slurp("$dir/err"), slurp("$dns->{dir}/log");
send_text($r, line($noname) . "\n");
is read_line($r), line("$noname ptr= dnsbl=dead.test:127.0.0.5"), 'and is asked';
$dns->zone('dead.test', "* A 127.0.0.2\n");
$dns->reload;
ok until_true(sub { slurp("$dir/err") =~ /list dead\.test \(IPv4\) is muted: it lists 127.*muted: it lists 127|passes its test again\n.*muted: it lists 127\.0\.0\.1/s }),
  'it fails a later test';
send_text($r, line($noname) . "\n");
is read_line($r), line("$noname ptr="), 'and is not asked again';
is((finish($r))[0], 0, 'it ends at the end of input');

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
  'every question is asked once, and no other name' or diag explain $dns->asked($port);
$port = $dns->relay;
resolve(join('', map { line('peer=9.1.1.7 helo=alias.test from=a@nope.test') . "\n" } 1 .. 1000), NAMESERVERS => "127.0.0.1:$port", CACHE_MIB => 1);
my ($asked) = slurp("$dir/err") =~ /questions asked (\d+)/;
is $asked, 5, 'a thousand equal lines ask five questions';
is 0 + keys %{ $dns->asked($port) }, 5, 'and the server gets five';

# ---- many lines, a network that loses and delays ----

my $lossy = '127.0.0.1:' . $dns->relay(lossy => 1);
my @many = map { line(sprintf 'peer=9.3.%d.%d helo=h%d.many.test from=a@%s.nope%d.test', $_ / 250, $_ % 250, $_, 'x', $_) } 1 .. 5000;
# The relay may be slow on a machine that is busy.
$r = start(NAMESERVERS => $lossy, DEADLINE => 60, LATE => 60, NETWORK_BUDGET => 10000, DNSBL => "$dir/one");
my ($todo, $memory, @lines_out) = (join('', map { "$_\n" } @many), 0);
while (@lines_out < @many) {
  if ($todo ne '') { my $put = syswrite $r->{to}, $todo, 65536; substr($todo, 0, $put) = '' if $put }
  my $ready = IO::Select->new($r->{from})->can_read($todo eq '' ? 30 : 0.01);
  next if !$ready && $todo ne '';
  defined(my $l = read_line($r)) or last;
  push @lines_out, $l;
  push @lines_out, $1 while $r->{text} =~ s/^(.*)\n//;
  ($memory) = slurp("/proc/$r->{pid}/status") =~ /VmHWM:\s+(\d+)/ if @lines_out < 4900;
}
is 0 + @lines_out, 5000, '5,000 lines at once come back';
my @unlike = grep { $lines_out[$_] ne "$many[$_] ptr= heloa=other sendermx=no dnsbl=" } 0 .. $#many;
is 0 + @unlike, 0, 'in order, all answered, although every 50th question was lost once' or diag $lines_out[ $unlike[0] ];
my $sanitized = slurp("$bin/sinbin-resolve") =~ /__asan_init/;
cmp_ok $memory, '<', $sanitized ? 1_000_000 : 60_000, "in bounded memory ($memory KiB)";
finish($r);
($out) = resolve(line("$noname helo=x.slow300.test") . "\n" . line("$noname helo=y.once.test") . "\n", NAMESERVERS => $lossy);
is $out, line("$noname helo=x.slow300.test ptr= heloa=other") . "\n" . line("$noname helo=y.once.test ptr= heloa=other") . "\n",
  'slow and lost answers are waited for';

# ---- deadlines ----

$r = start(NAMESERVERS => $lossy, DEADLINE => 1);
my $began = time;
send_text($r, line("$noname helo=x.drop.test") . "\n" . line('peer=9.1.1.7') . "\n" . line('peer=9.1.1.15') . "\n");
is read_line($r), line("$noname helo=x.drop.test ptr= heloa=?"), 'a question without an answer is unknown';
my $took = time - $began;
ok $took > 0.9, 'a line waits for its deadline';
ok $took < 15, "and not much longer ($took s)";
is read_line($r), line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes'), 'the next line has its fields';
is read_line($r), line('peer=9.1.1.15 ptr=x.drop.test fcrdns=?'), 'a name that may resolve back is no mismatch';
finish($r);

# More lines than are worked on at a time: one after the other they would take half a minute.
$r = start(NAMESERVERS => $lossy, DEADLINE => 3, IN_FLIGHT => 5);
send_text($r, join '', map { line("$noname helo=h$_.drop.test") . "\n" } 1 .. 50);
send_text($r, line("$noname helo=half"));
sleep 0.3;
$began = time;
kill TERM => $r->{pid};
@lines_out = ();
while (defined(my $l = read_line($r))) { push @lines_out, $l }
waitpid $r->{pid}, 0;
$took = time - $began;
is $?, 0, 'SIGTERM ends it with 0';
s/ ptr=\K\?(?: fcrdns=\?)?// for @lines_out;
is_deeply \@lines_out, [map { line("$noname helo=h$_.drop.test ptr= heloa=?") } 1 .. 50], 'after all whole lines it had read';
ok $took < 15, "within the deadline ($took s)";

# More questions without an answer than can be in progress: those that no line waits for any more are not asked.
$r = start(NAMESERVERS => $lossy, DEADLINE => 6, IN_FLIGHT => 6000);
my $backlog = join '', map { line("$noname helo=b$_.drop.test") . "\n" } 1 .. 5000;
while ($backlog ne '') {
  my $put = syswrite $r->{to}, $backlog, 65536;
  if ($put) { substr($backlog, 0, $put) = '' }
  else { sleep 0.01 }
}
my $unknown = grep { (read_line($r) // '') =~ / heloa=\?$/ } 1 .. 5000;
is $unknown, 5000, '5,000 names without an answer';
send_text($r, line('peer=9.1.1.10') . "\n");
is read_line($r), line('peer=9.1.1.10 ptr=far.test fcrdns=no'), 'do not delay a name with an answer';
finish($r);

# ---- bounds ----

# Writes until nothing is read for a second; returns the bytes written.
sub fill_input {
  my ($q, $line) = @_;
  my ($sum, $last) = (0, time);
  while (time - $last < 1 && $sum < 50_000_000) {
    my $put = syswrite $q->{to}, $line x 20;
    if ($put) { $sum += $put; $last = time }
    else { sleep 0.01 }
  }
  return $sum;
}

$r = start(NAMESERVERS => $lossy, DEADLINE => 60, LATE => 60, IN_FLIGHT => 10);
my $sum = fill_input($r, line("$noname helo=z.drop.test") . "\n");
cmp_ok $sum, '<', 1_000_000, "ten lines in flight: it stops reading ($sum bytes)";
kill KILL => $r->{pid};
finish($r);
$r = start(IN_FLIGHT => 100);
$sum = fill_input($r, line('peer=10.1.1.7') . "\n");
cmp_ok $sum, '<', 2_000_000, "its output is not read: it stops reading ($sum bytes)";
my ($status, @rest) = finish($r);
is $status, 0, 'after its output is read, it exits';
is join('', map { "$_\n" } @rest), substr(line('peer=10.1.1.7') . "\n", 0) x int($sum / length line("peer=10.1.1.7\n"))
  . ($sum % length line("peer=10.1.1.7\n") ? substr(line('peer=10.1.1.7'), 0, $sum % length line("peer=10.1.1.7\n")) . "\n" : ''),
  'and every byte is there';

# ---- floods of peers whose name servers do not answer ----

# Feeds lines as fast as they are taken; returns what came back, and how long it took.
sub flood {
  my ($r, @lines) = @_;
  my ($todo, $began, @lines_out) = (join('', map { "$_\n" } @lines), time);
  while (@lines_out < @lines) {
    if ($todo ne '') { my $put = syswrite $r->{to}, $todo, 65536; substr($todo, 0, $put) = '' if $put }
    my $ready = IO::Select->new($r->{from})->can_read($todo eq '' ? 30 : 0.01);
    next if !$ready && $todo ne '';
    defined(my $l = read_line($r)) or last;
    push @lines_out, $l;
    push @lines_out, $1 while $r->{text} =~ s/^(.*)\n//;
  }
  return (time - $began, @lines_out);
}

my $dead = '127.0.0.1:' . $dns->relay(dead => qr/\.1\.77\.11\.in-addr\.arpa|d\.a\.e\.d\.b\.0\.a\.2\.ip6\.arpa/);
my %flood = (
  'one network, names without an answer' => sub { sprintf 'peer=11.77.1.%d helo=h%d.drop.test', $_[0] % 250, $_[0] },
  'an IPv6 /32' => sub { sprintf 'peer=2a0b:dead:%x::9', $_[0] },
  'many networks, senders without an answer' => sub { sprintf 'peer=9.%d.%d.7 from=a@x.s%d.drop.test', 4 + $_[0] / 250, $_[0] % 250, $_[0] },
);
for my $name (sort keys %flood) {
  $r = start(NAMESERVERS => $dead, DEADLINE => 20);
  # Every five hundredth is another peer's.
  my @lines = map { line($_ % 500 == 499 ? "peer=9.3.$_.9" =~ s/\.(\d+)\.9$/sprintf '.%d.%d', $1 \/ 250, $1 % 250/er : $flood{$name}->($_)) } 0 .. 29_999;
  my ($took, @lines_out) = flood($r, @lines);
  is scalar(@lines_out), 30_000, "$name: every line comes back";
  cmp_ok $took, '<', 60, sprintf 'at %d lines a second, where 1,000 in 20 seconds would wait for answers', 30_000 / $took;
  my @order = grep { index($lines_out[$_], $lines[$_]) != 0 } 0 .. $#lines;
  is scalar(@order), 0, 'in order';
  my @others = map { $lines_out[ 500 * $_ + 499 ] } 0 .. 59;
  is scalar(grep { / ptr=$/ } @others), 60, 'the lines of other peers have their fields' or diag join "\n", @others[0 .. 3];
  close $r->{to};
  waitpid $r->{pid}, 0;
  like slurp("$dir/err"), qr/warning: name servers are slow: lines given up early: \d+, questions not asked: \d+$/m, 'a warning';
  like slurp("$dir/err"), qr/; not asked: slow network \d+, slow zone \d+, silent name server \d+, too many 0$/m, 'and a count of what was not asked';
}

# Lines are given up early, but no question is refused.
$r = start(NAMESERVERS => $dead, IN_FLIGHT => 4, LATE => 0.3);
send_text($r, join '', map { line("peer=9.5.$_.7 from=a\@x.late$_.drop.test") . "\n" } 1 .. 3);
like read_line($r), qr/ sendermx=\?$/, 'three of four lines wait: the first one is given up early';
finish($r);
like slurp("$dir/err"), qr/lines given up early: \d+, questions not asked: 0$/m, 'a warning of that alone';

# A network that answers slowly is asked: 300 questions are in progress at the same time.
$r = start(NAMESERVERS => $dead);
my (undef, @slow) = flood($r, map { line("$noname helo=n$_.slow300.test") } 1 .. 300);
is scalar(grep { / ptr= heloa=other$/ } @slow), 300, 'slow answers do not limit questions';
finish($r);

# A name server that answers nothing: lines are passed on all the same.
$r = start(NAMESERVERS => '127.0.0.1:' . $dns->relay(dead => qr/./), DEADLINE => 20);
my ($silent_time, @silent) = flood($r, map { line(sprintf 'peer=9.%d.%d.%d helo=h%d.test', 4 + $_ / 62500, $_ / 250 % 250, $_ % 250, $_) } 0 .. 29_999);
is scalar(grep { / ptr=\? fcrdns=\? heloa=\?$/ } @silent), 30_000, 'a name server that never answers: no field has a value';
cmp_ok $silent_time, '<', 60, sprintf 'at %d lines a second', 30_000 / $silent_time;
kill KILL => $r->{pid};
finish($r);

# It sleeps while a question is in progress.
$r = start(NAMESERVERS => $dead, DEADLINE => 3);
send_text($r, line("$noname helo=cpu.drop.test") . "\n");
read_line($r);
my @times = (split / /, slurp("/proc/$r->{pid}/stat"))[13, 14];
cmp_ok $times[0] + $times[1], '<', 50, "waiting for three seconds takes no time of the processor (@times)";
finish($r);

# Without lines and questions it does not wake up.
sub wakes { my ($r) = @_; return slurp("/proc/$r->{pid}/status") =~ /^voluntary_ctxt_switches:\s+(\d+)/m ? $1 : die }
$r = start();
send_text($r, line('peer=10.1.1.7') . "\n");
is read_line($r), line('peer=10.1.1.7'), 'a line without questions';
sleep 0.3;
my $wakes = wakes($r);
sleep 1;
cmp_ok wakes($r) - $wakes, '<', 10, 'after that it sleeps';
finish($r);

# It starts without descriptor 0 or 2.
system("$bin/sinbin-resolve <&- >$dir/out 2>$dir/err");
is $?, 0, 'a closed standard input is an empty one';
system("$bin/sinbin-resolve </dev/null >$dir/out 2>&-");
is $?, 0, 'a closed standard error is no error';

# ---- servers that fail ----

$r = start(DEADLINE => 4);
send_text($r, line('peer=9.1.1.7') . "\n");
is read_line($r), line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes'), 'a server that runs';
$dns->stop;
send_text($r, line('peer=9.1.1.8') . "\n" . line('peer=9.1.1.7') . "\n");
is read_line($r), line('peer=9.1.1.8 ptr=? fcrdns=?'), 'a server that was killed';
is read_line($r), line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes'), 'what is in the cache is written all the same';
send_text($r, line('peer=9.1.1.9 helo=mx1.test') . "\n");
$dns->start;
send_text($r, line('peer=9.1.1.10') . "\n");
like read_line($r), qr/^\Q${\line('peer=9.1.1.9 helo=mx1.test')} ptr=\E/, 'a line while the server starts';
is read_line($r), line('peer=9.1.1.10 ptr=far.test fcrdns=no'), 'the server runs again';
send_text($r, line('peer=9.1.1.8') . "\n");
is read_line($r), line('peer=9.1.1.8 ptr=far.test fcrdns=no'), 'what was unknown is asked again';
finish($r);
$dns->stop;
$r = start();
send_text($r, line('peer=9.1.1.8') . "\n");
ok until_true(sub { slurp("/proc/$r->{pid}/stat") =~ / S / }), 'a line while no server runs';
sleep 0.5;
$dns->start;
is read_line($r), line('peer=9.1.1.8 ptr=far.test fcrdns=no'), 'has its fields if one starts in time';
finish($r);
my $closed = Dns::free_port();
($out) = resolve(line('peer=9.1.1.7') . "\n", NAMESERVERS => "127.0.0.1:$closed  $server");
is $out, line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes') . "\n", 'nothing listens at the first server: the second one';
my $refusing = Dns->new('other.test' => "x A 127.0.0.1\n", 'ns.test' => "@ A 127.0.0.1\n");
($out, $err) = resolve(line('peer=9.1.1.7') . "\n", NAMESERVERS => "127.0.0.1:$refusing->{port} $server");
is $out, line('peer=9.1.1.7 ptr=mx1.test fcrdns=yes') . "\n", 'the first server refuses: the second one';
($out, $err) = resolve(line('peer=9.1.1.7') . "\n", NAMESERVERS => "127.0.0.1:$refusing->{port}");
is $out, line('peer=9.1.1.7 ptr=? fcrdns=?') . "\n", 'all servers refuse: no field has a value';

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
  like $err, $message, 'and the message names it';
}
(undef, undef, $code) = resolve('', NAMESERVERS => "127.0.0.1 [::1]:5353 ::1 192.0.2.1:53");
is $code, 0, 'all forms of NAMESERVERS';
(undef, $err, $code) = resolve('', DNSBL => "$dir/ownlist", OWN_ZONES => 'est l.test');
is $code, 0, 'zones whose names only end alike are not in OWN_ZONES';

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

# ---- output that cannot be written ----

spew("$dir/in", line('peer=10.1.1.7') . "\n");
system("timeout -s KILL 30 $bin/sinbin-resolve <$dir/in >/dev/full 2>$dir/err");
is $? >> 8, 111, 'a full disk ends it';
like slurp("$dir/err"), qr/fatal: unable to write: No space left/, 'with the reason';

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
is $? >> 8, 111, 'the reader of its output exits: it exits without a line to write';
like slurp("$dir/alone"), qr/^sinbin-resolve: info: the reader of the output has exited/m, 'and logs it';
close $feed;

done_testing;
