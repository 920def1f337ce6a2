#!/usr/bin/perl
# The programs where the machine fails them: no descriptors, no memory, no disk, nobody who reads. One
# whole line or a clear diagnostic, the exit code that says who has to act, the old data intact, and
# never a loop that burns the processor. tests/cmd/smtpd.t has the handler's other troubles.
use strict;
use warnings;
$ENV{ALLOW_ROOT} //= 1; # daemons refuse root unless told
use lib 'tests/cmd';
use Cwd qw(getcwd);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use POSIX qw(WNOHANG);
use Publisher ();
use Test::More;
use Time::HiRes qw(sleep time);

my $bin = $ENV{SINBIN_BIN} || 'bin';
$bin = getcwd . "/$bin" unless $bin =~ m{^/};
my $dir      = tempdir(CLEANUP => 1);
my $patience = 20;
my $busy     = 6;    # seconds of the processor that nothing here comes near
my $owner    = $$;
my %child;
$SIG{PIPE} = 'IGNORE';
delete @ENV{qw(PROTO TCPREMOTEIP TCPREMOTEPORT TCPLOCALIP TCPLOCALPORT SINBIN_LOG SINBIN_PEER)};
END {
  if ($$ == $owner) { my $status = $?; kill 'KILL', $_ for keys %child; $? = $status }
}

sub put { my ($path, $text) = @_; open my $f, '>', $path or die "$path: $!"; print $f $text; close $f or die }
sub get { my ($path) = @_; open my $f, '<', $path or return ''; local $/; return <$f> // '' }

my $sanitized = get("$bin/sinbin-score") =~ /__asan_init/;
my $static    = get("$bin/sinbin-smtpd") !~ m{/ld-(linux|musl)};

# The exit code, `signal N`, or `does not end`.
sub ended {
  my ($pid) = @_;
  my $until = time + $patience;
  while (time < $until) {
    if (waitpid($pid, WNOHANG) > 0) {
      delete $child{$pid};
      return $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
    }
    sleep 0.005;
  }
  kill 'KILL', $pid;
  waitpid $pid, 0;
  return 'does not end';
}

sub slurp {
  my ($handle) = @_;
  my ($text, $until) = ('', time + $patience);
  while (IO::Select->new($handle)->can_read($until > time ? $until - time : 0)) {
    sysread($handle, $text, 65536, length $text) or return $text;
  }
  return "$text(timed out)";
}

# Runs shell text with the programs in PATH: (exit code, stdout, stderr).
sub run {
  my ($text) = @_;
  pipe(my $err, my $err_in) or die;    # no file, which a limit would hit as well
  my $pid = fork // die;
  if (!$pid) {
    chdir $dir or POSIX::_exit(126);
    $ENV{PATH} = "$bin:$ENV{PATH}";
    $SIG{PIPE} = 'DEFAULT';
    open STDIN, '<', '/dev/null';
    open STDOUT, '>', "$dir/out";
    POSIX::dup2(fileno $err_in, 2);
    exec 'sh', '-c', $text or POSIX::_exit(126);
  }
  close $err_in;
  $child{$pid} = 1;
  my $code = ended($pid);
  return ($code, get("$dir/out"), slurp($err));
}

sub diagnoses {
  my ($text, $code, $pattern, $name) = @_;
  my ($got, $out, $err) = run($text);
  $err = join '', grep { !/no system call filter/ } split /^/, $err;
  is($got, $code, "$name: exit code") or diag $out, $err;
  like($err, $pattern, "$name: what it says");
  return $out;
}

# ---- the handler ----

my %quick = map { ("DELAY_$_" => 0.02) } qw(GREET HELO MAIL RCPT DATA);
my $listener = IO::Socket::IP->new(Listen => 20, LocalAddr => '127.0.0.1', LocalPort => 0) or BAIL_OUT("listen: $@");

# before: what the shell does first. fd0, fd1, fd2: handles; what is not given is the connection for
# fd0 and a pipe, whose reading end is in {out} or {err}, for the others.
sub handler {
  my (%o) = @_;
  my %h;
  my ($server, $out, $err);
  if (!$o{fd0}) {
    $h{client} = IO::Socket::IP->new(PeerAddr => '127.0.0.1', PeerPort => $listener->sockport) or die "connect: $@";
    $server = $listener->accept or die;
    $h{client}->autoflush(1);
  }
  pipe($h{out}, $out) or die;
  pipe($h{err}, $err) or die;
  $h{pid} = fork // die;
  if (!$h{pid}) {
    my %env = (%quick, %{ $o{env} || {} });
    $ENV{$_} = $env{$_} for keys %env;
    POSIX::dup2(fileno($o{fd0} || $server), 100);
    POSIX::dup2(fileno($o{fd1} || $out), 101);
    POSIX::dup2(fileno($o{fd2} || $err), 102);
    POSIX::dup2(100 + $_, $_) for 0 .. 2;
    POSIX::close($_) for 3 .. 102;
    $SIG{PIPE} = 'DEFAULT';
    exec 'sh', '-c', ($o{before} // ':') . '; exec "$0" $1', "$bin/sinbin-smtpd", $o{option} // '' or POSIX::_exit(126);
  }
  close $_ for grep { $_ } $server, $out, $err;
  $child{ $h{pid} } = 1;
  return \%h;
}

# What the peer hears until a line of it matches, or the end.
sub hear {
  my ($h, $pattern) = @_;
  my ($text, $until) = ('', time + $patience);
  while ($text !~ $pattern && IO::Select->new($h->{client})->can_read($until > time ? $until - time : 0)) {
    sysread($h->{client}, $text, 4096, length $text) or last;
  }
  return $text;
}

sub errors { my ($h) = @_; return join '', grep { !/no system call filter/ } split /^/, slurp($h->{err}) }

# A client that is greeted, says what is given, line by line, and leaves.
sub visit {
  my ($h, @lines) = @_;
  my $heard = hear($h, qr/^220 /m);
  for (@lines) {
    my $client = $h->{client};
    print $client "$_\r\n";
    $heard .= hear($h, qr/^\d{3} /m);
  }
  close delete $h->{client};
  return $heard;
}

my $one_line = qr/\Asession1 [\x21-\x7e ]+\n\z/;

{
  # A dynamic program needs one descriptor more to be loaded.
  my $few = $static ? 3 : 4;
  my $h = handler(before => "ulimit -n $few");
  like(visit($h, 'EHLO h', 'QUIT'), qr/^221 /m, "$few descriptors: the peer is served");
  like(slurp($h->{out}), $one_line, 'one line');
  is(errors($h), '', 'no diagnostics');
  is(ended($h->{pid}), 0, 'exit code');

  my $log = "$dir/log";
  put($log, '');
  $h = handler(before => "exec 1>&0 2>&0; ulimit -n $few", env => { SINBIN_LOG => $log });
  like(visit($h, 'EHLO h', 'QUIT'), qr/^221 /m, "$few descriptors and SINBIN_LOG: the peer is served");
  is(ended($h->{pid}), 0, 'exit code');
  like(join('', grep { !/no system call filter/ } split /^/, get($log)), $one_line, 'one line');
}

SKIP: {
  skip 'a sanitizer wants terabytes of address space', 2 if $sanitized;
  my ($served, @bad) = (0);
  for my $kib (map { 2**$_ } 5 .. 14) {
    my $h    = handler(before => "ulimit -v $kib");
    my $text = visit($h, 'EHLO h', 'QUIT');
    my ($line, $code) = (slurp($h->{out}), ended($h->{pid}));
    my $whole   = $code eq '0' && $line =~ $one_line && $text =~ /^221 /m;
    my $refused = $code ne '0' && $line eq '' && $text !~ /^220/m;
    $served++ if $whole;
    push @bad, "$kib KiB: exit $code, line $line, said $text" unless $whole || $refused;
  }
  is("@bad", '', 'any limit of memory: the kernel refuses to start it, or a whole session');
  cmp_ok($served, '>=', $static ? 4 : 1, "served with $served of 10 limits");
}

for (['a full disk', '>/dev/full', 'No space left on device'], ['closed', '>&-', undef],
  ['open for reading only', '1</dev/null', 'Bad file descriptor'],
  ['a file at its size limit', ">$dir/small; ulimit -f 0", 'File too large']) {
  my ($name, $redirection, $reason) = @$_;
  my $h = handler(before => "exec $redirection");
  visit($h, 'EHLO h', 'QUIT');
  my $said = errors($h);
  if (defined $reason) {
    is($said, "sinbin-smtpd: fatal: unable to write the session line: $reason\n", "descriptor 1 is $name: told");
    is(ended($h->{pid}), 111, 'exit code');
  } else {
    like($said, $one_line, 'descriptor 1 is closed: the line goes to 2');
    is(ended($h->{pid}), 0, 'exit code');
  }
}

for (['full', 0, 'drained'], ['full', 0, 'closed'], ['full and not blocking', 1, 'drained'],
  ['full and not blocking', 1, 'closed']) {
  my ($name, $nonblocking, $then) = @$_;
  pipe(my $read, my $write) or die;
  $write->blocking(0);
  1 while syswrite $write, '-' x 4096;
  $write->blocking(!$nonblocking);
  my @h = map { handler(fd1 => $write) } 1 .. 2;
  close $write;
  visit($_, 'EHLO h', 'QUIT') for @h;
  sleep 0.5;
  kill 'STOP', $h[1]{pid};
  kill 'CONT', $h[1]{pid};
  sleep 0.5;
  is(join(' ', map { waitpid $_->{pid}, WNOHANG } @h), '0 0', "a pipe to the logger that is $name: both wait");
  my $text = $then eq 'drained' ? slurp($read) : close $read;
  is(join(' ', map { ended($_->{pid}) } @h), $then eq 'drained' ? '0 0' : '111 111', "$then: exit codes");
  if ($then eq 'drained') {
    like($text, qr/\A-+(session1 [\x21-\x7e ]+\n){2}\z/, 'two lines');
  } else {
    is(errors($_), "sinbin-smtpd: fatal: unable to write the session line: Broken pipe\n", 'told') for @h;
  }
}

{
  my $h = handler(env => { DELAY_GREET => 1 });
  hear($h, qr/^220-/);
  for (1 .. 3) {
    kill 'STOP', $h->{pid};
    sleep 0.05;
    kill 'CONT', $h->{pid};
    sleep 0.05;
  }
  like(visit($h, 'EHLO h', 'QUIT'), qr/^221 /m, 'stopped and continued: the session goes on');
  like(slurp($h->{out}), qr/ stage=helo end=quit /, 'its line');
  is(ended($h->{pid}), 0, 'exit code');
}

# Descriptor 0 that is no connection at all, for who said -u.
for (['an endless input', '<', '/dev/zero', qr/ end=limit /], ['a full disk', '+<', '/dev/full', qr/ stage=banner end=(limit|error) /],
  ['a directory', '<', '/', qr/ stage=banner end=error /]) {
  my ($name, $mode, $path, $pattern) = @$_;
  open my $in, $mode, $path or do { fail("$path: $!"); next };
  my $h = handler(fd0 => $in, option => '-u', env => { TCPREMOTEIP => '192.0.2.1' });
  like(slurp($h->{out}), $pattern, "descriptor 0 is $name: a line");
  is(ended($h->{pid}), 0, 'exit code');
}

# ---- the filters ----

my $line = 'session1 at=1764000000.123 peer=192.0.2.7 pport=40112 local=198.51.100.5 lport=25 ms=14023 stage=data '
  . 'end=fin after=none verb=ehlo helo=ylmf-pc helos=1 from=a@b.example to=x@example.org rcpts=1 lines=5 bad=0 '
  . 'bytes=143 rtt=38 r451=yes';
mkdir "$dir/rules";
put("$dir/$_", get($_)) for grep { -f && !/Makefile|\.|~/ } glob 'rules/*';
put("$dir/lines", "$line\n" x 3);
put("$dir/many", "$line\n" x 3000);
put("$dir/key", 'ab' x 32 . "\n");
chmod 0400, "$dir/key";
is((run('sinbin-rules -o rules.cdb rules'))[0], 0, 'a rule database');
my $database = get("$dir/rules.cdb");
is((run('sinbin-score rules.cdb <lines >judged'))[0], 0, 'judged lines');

my %filter = (
  'sinbin-score'    => ['sinbin-score rules.cdb <many', qr/unable to write/],
  'sinbin-score -d' => ['sinbin-score -d rules.cdb <lines', qr/unable to write/],
  'sinbin-score -n' => ['sinbin-score -n rules.cdb <lines', qr/unable to write/],
  'sinbin-rules -l' => ['sinbin-rules -l rules.cdb', qr/unable to write/],
  'sinbin-rules -q' => ['sinbin-rules -q helo ylmf-pc rules.cdb', qr/unable to write/],
  'sinbin-report'   => ['sinbin-report <judged', qr/unable to write to stdout/],
);
@ENV{qw(KEYFILE EPOCH COLLECTOR_PORT)} = ("$dir/key", "$dir/epoch", 9);
for my $name (sort keys %filter) {
  my ($command, $says) = @{ $filter{$name} };
  diagnoses("$command >/dev/full", 111, qr/\A[a-z-]+: fatal: $says: No space left on device\n\z/, "$name, stdout a full disk");
  diagnoses("$command >&-", 111, qr/\A[a-z-]+: fatal: $says: Bad file descriptor\n\z/, "$name, stdout closed");
  # What is run by hand may die of SIGPIPE like any tool; a stage of the chain says what happened.
  my ($code, $message) = $name =~ /rules/ ? (141, qr/\A\z/)
    : (111, $name =~ /report/ ? qr/\A[a-z-]+: fatal: $says: Broken pipe\n\z/ : qr/\A[a-z-]+: info: the reader of the output has exited/);
  is(diagnoses("{ { sleep 0.2; $command; echo \$? >&3; } | :; } 3>&1", 0, $message, "$name, nobody reads"), "$code\n", "$name, nobody reads: its exit code");
}
diagnoses('sinbin-report <&-', 111, qr/\Asinbin-report: fatal: unable to read stdin: Bad file descriptor\n\z/, 'sinbin-report, stdin closed');
diagnoses('ulimit -f 0; exec sinbin-score rules.cdb <lines >judged.small', 111, qr/unable to write: File too large$/, 'sinbin-score, the log at its size limit');
diagnoses('ulimit -f 0; exec sinbin-report <judged', 111, qr/epoch: unable to write it: File too large$/, 'sinbin-report, no room for the epoch');
my $epoch = get("$dir/epoch");
like($epoch, qr/\A\d+\n\z/, 'the epoch stands as it was');

SKIP: {
  skip 'a sanitizer wants terabytes of address space', 3 if $sanitized;
  put("$dir/rules/dynamic", join '', map { join('.', 1 + $_ % 199, $_ * 7 % 256, $_ * 13 % 256, $_ * 29 % 256) . "\n" } 1 .. 100000);
  is((run('sinbin-rules -o large.cdb rules'))[0], 0, 'a large database');
  my ($least) = grep { (run("ulimit -v $_; exec sinbin-score"))[2] =~ /usage/ } map { 1000 * $_ } 3 .. 60;
  diagnoses("ulimit -v $least; exec sinbin-score large.cdb </dev/null", 111, qr/\Asinbin-score: fatal: unable to open large.cdb: Cannot allocate memory\n\z/, 'sinbin-score, no memory for the database');
  unlink "$dir/rules/dynamic";
}

# ---- the publisher without memory ----

SKIP: {
  skip 'a sanitizer wants terabytes of address space', 5 if $sanitized;
  skip $Publisher::absent, 5 if $Publisher::absent;
  # 8,000 IPv4 listings in one dataset, and as many of IPv6 in another; before that only one.
  my $store = "$dir/store";
  mkdir "$dir/zones";
  Publisher::make_store($store);
  Publisher::sql($store, Publisher::row('192.0.2.1', 'black'));
  is((run('sinbin-publish -1 store zones'))[0], 0, 'one listing is published');
  my %before = map { $_ => get($_) } glob "$dir/zones/*";
  Publisher::sql($store, "BEGIN;\n" . join('', map { my $n = $_;
    Publisher::row(sprintf('192.%d.%d.9', 1 + $n / 200, $n % 200), 'black', sins => 'high-mx,helo-bot,early-talk,no-quit')
    . Publisher::row(sprintf('2001:db8:%x::', 1 + $n), 'black') } 0 .. 7999) . "COMMIT;\n");
  my ($least) = grep { (run("ulimit -v $_; exec sinbin-publish"))[2] =~ /usage/ } map { 1000 * $_ } 3 .. 60;
  my ($served, $short, @bad) = (0, 0);
  for (my $kib = $least; $kib < $least + 20000 && $served < 3; $kib += 250) {
    unlink glob "$dir/zones/*";
    put($_, $before{$_}) for keys %before;
    my ($code, undef, $err) = run("ulimit -v $kib; exec sinbin-publish -1 store zones");
    my ($four, $six) = map { scalar(() = get("$dir/zones/$_") =~ /^[0-9a-f.:\/]+ :127\.0\.0\.2:spambot/mg) } 'black4.6', 'black6';
    $served++ if $code eq '0';
    $short++ if $code eq '111' && $err =~ /: out of memory$/;
    my $whole = ($four == 8001 || ($four == 1 && $code ne '0')) && ($six == 8000 || ($six == 0 && $code ne '0'));
    push @bad, "$kib KiB: exit $code, $four and $six listings, $err" unless $whole && $code =~ /^(?:0|111)$/;
  }
  is("@bad", '', 'any limit of memory: all listings, or those of before and exit code 111');
  cmp_ok($short, '>', 3, "out of memory with $short limits");
  is($served, 3, 'with enough it is published');
  is(join(' ', grep { /\.tmp$/ } glob "$dir/zones/*"), '', 'and nothing else is left');
}

# ---- a database that cannot be written ----

sub intact {
  my ($name) = @_;
  ok(get("$dir/rules.cdb") eq $database, "$name: the old database is intact");
  unlink "$dir/rules.cdb.tmp";
}
diagnoses('ulimit -f 8; exec sinbin-rules -o rules.cdb rules', 111, qr/\Asinbin-rules: fatal: unable to write rules.cdb.tmp: File too large\n\z/, 'sinbin-rules, a file size limit');
ok(!-e "$dir/rules.cdb.tmp", 'no half of a database is left');
intact('a file size limit');
diagnoses('sinbin-rules -o none/rules.cdb rules', 111, qr/\Asinbin-rules: fatal: unable to create none\/rules.cdb.tmp: No such file or directory\n\z/, 'sinbin-rules, no directory');

SKIP: {
  my ($can) = run('mkdir disk; unshare -m mount -t tmpfs -o size=64k none disk');
  skip 'no mount namespace here', 8 if $can ne '0';
  my $mount = 'mount -t tmpfs -o size=64k none disk; echo old >disk/rules.cdb; echo 7 >disk/epoch';
  my $out = diagnoses("unshare -m sh -c '$mount; sinbin-rules -o disk/rules.cdb rules; code=\$?; cat disk/*; exit \$code'", 111,
    qr/\Asinbin-rules: fatal: unable to write disk\/rules.cdb.tmp: No space left on device\n\z/, 'sinbin-rules, a disk that is too small');
  is($out, "7\nold\n", 'the old database is intact, and alone');
  $out = diagnoses("unshare -m sh -c '$mount; mount -o remount,ro disk; sinbin-rules -o disk/rules.cdb rules; code=\$?; cat disk/*; exit \$code'", 111,
    qr/\Asinbin-rules: fatal: unable to create disk\/rules.cdb.tmp: Read-only file system\n\z/, 'sinbin-rules, a disk for reading only');
  is($out, "7\nold\n", 'the old database is intact');
  diagnoses("unshare -m sh -c '$mount; mount -o remount,ro disk; EPOCH=disk/epoch exec sinbin-report <judged'", 111,
    qr/\Asinbin-report: fatal: disk\/epoch: unable to write it: Read-only file system\n\z/, 'sinbin-report, an epoch that cannot be kept');
}

# Nothing of all this spun.
my (undef, undef, $user, $system) = times;
cmp_ok($user + $system, '<', $busy, sprintf 'all of it took %.2f seconds of the processor', $user + $system) unless $sanitized;
done_testing();
