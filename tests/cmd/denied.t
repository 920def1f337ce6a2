#!/usr/bin/perl
# Every program when the system refuses a call (EPERM, EACCES), or has not got it (ENOSYS, EINVAL), as in
# containers and on other kernels: the program works as ever, or it says so in one line and exits 100 or 111.
# Never does it end without a word, never does it run on without doing its work.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;
use Files qw(slurp spew);
use Cwd qw(abs_path);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Select;
use IO::Socket::IP;
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $deny = abs_path($ENV{SINBIN_BUILD} || '.build/std') . '/tests/deny/deny';
-x $deny or BAIL_OUT("$deny is not built: make unit");
plan skip_all => 'no system call filters here' if system("$deny EPERM splice true") >> 8 == 112;
plan skip_all => 'sanitizers need these calls themselves' if slurp("$bin/sinbin-score") =~ /__asan_init/;
my $top = tempdir('sinbin-denied-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $workers = 4;
my $patience = 20;
delete @ENV{qw(NOTIFY_FD NOTIFY_SOCKET LISTEN_FDS LISTEN_PID PROTO TCPREMOTEIP SINBIN_LOG SINBIN_PEER RULES CHECKPOINT)};
$SIG{PIPE} = 'IGNORE';

# DENY_ALL=1: every call below with every error, some minutes. Else those that containers and other kernels are
# known to refuse with every error, and the others with one.
my @errors = qw(EPERM ENOSYS EINVAL);
my @known = qw(splice pipe2 clock_gettime seccomp close_range statx);
my @usual = qw(prlimit64 getrandom epoll_create1 epoll_pwait pidfd_open pidfd_send_signal accept4 inotify_init1 signalfd4 eventfd2
  recvmmsg sendmmsg ppoll tcp_info mlock madvise sched_getaffinity unshare clone3 flock fdatasync fchmod setsockopt prctl getresuid
  waitid rseq fallocate);
# What a program may be refused besides what it cannot do without, such as read(2), or the loader's calls.
my @calls = grep { !/^(?:openat|mmap|fcntl|socket|connect|bind|sendto|pwrite64|getdents64|rt_sigaction|rt_sigprocmask|utimensat|wait4|kill|tgkill|clone|rename|unlink|dup2|pipe|poll)$/ }
  split /\n/, `$deny -l`;
@calls = do { my %seen; grep { !$seen{$_}++ } @calls };

my ($dir, $denied, $own);    # of the worker's case
sub denying { my ($program, @args) = @_; return $own eq $program ? ($deny, @$denied, "$bin/$program", @args) : ("$bin/$program", @args) }

# Starts a program; in: text for descriptor 0, or nothing; log: where its messages go.
sub launch {
  my ($name, $env, @command) = @_;
  my $pid = fork // die "fork: $!";
  return $pid if $pid;
  open STDIN, '<', -e "$dir/$name.in" ? "$dir/$name.in" : '/dev/null';
  open STDOUT, '>', "$dir/$name.out";
  open STDERR, '>', "$dir/$name.err";
  chdir $dir;
  $ENV{$_} = $env->{$_} for keys %$env;
  exec @command or POSIX::_exit(126);
}

sub ended {
  my ($pid, $wait) = @_;
  my $until = time + ($wait // $patience);
  while (time < $until) {
    return $? & 127 ? 'signal ' . ($? & 127) : $? >> 8 if waitpid($pid, WNOHANG) > 0;
    sleep 0.004;
  }
  kill KILL => $pid;
  waitpid $pid, 0;
  return 'does not end';
}

sub until_true {
  my ($test, $wait) = @_;
  my $until = time + ($wait // $patience);
  while (time < $until) { return 1 if $test->(); sleep 0.004 }
  return 0;
}

sub free_port {
  my ($proto) = @_;
  my $s = IO::Socket::IP->new(LocalHost => '127.0.0.1', LocalPort => 0, Proto => $proto, $proto eq 'tcp' ? (Listen => 1) : ()) or die "port: $@";
  return $s->sockport;
}

# What has to be true of a program that does not do its work: exit 100 or 111, and one line that says why.
sub gave_up {
  my ($code, $name, $program) = @_;
  my @fatal = slurp("$dir/$name.err") =~ /^(\Q$program\E: fatal: .+)$/mg;
  return "exit code $code" unless $code =~ /^(?:100|111)$/;
  return @fatal == 1 ? '' : 'fatal lines: ' . @fatal;
}

# Each returns '' if all is well, or what is not.
my %scenario = (
  'sinbin-smtpd' => sub { session('sinbin-smtpd') },
  'sinbin-listen' => sub { session('sinbin-listen') },
  'sinbin-follow' => sub {
    my $pid = launch('follow', {}, denying('sinbin-follow', 'log', 'cp'));
    my $works = until_true(sub { slurp("$dir/follow.out") =~ /seq=1 / || waitpid($pid, WNOHANG) > 0 });
    my $first = $?;
    return gave_up($first >> 8, 'follow', 'sinbin-follow') if slurp("$dir/follow.out") !~ /seq=1 /;
    open my $log, '>>', "$dir/log/current" or die;
    print $log "another\n";
    close $log;
    until_true(sub { slurp("$dir/follow.out") =~ /another seq=2 / }) or return 'a new line is not printed';
    kill TERM => $pid;
    my $code = ended($pid);
    return $code eq '0' ? '' : "exit code $code";
  },
  'sinbin-score' => sub { filter('sinbin-score', qr/ verdict=bot$/m, {}, "$top/rules.cdb") },
  'sinbin-resolve' => sub { filter('sinbin-resolve', qr/ ptr=/, { NAMESERVERS => '127.0.0.1:9', DEADLINE => '0.2' }) },
  'sinbin-report' => sub { reported('sinbin-report') },
  'sinbin-collect' => sub { reported('sinbin-collect') },
  'sinbin-publish' => sub {
    my $pid = launch('publish', {}, denying('sinbin-publish', '-1', "$top/store.db", 'zones', 'mkdir', 'hook'));
    my $code = ended($pid);
    return gave_up($code, 'publish', 'sinbin-publish') if $code ne '0';
    return -s "$dir/zones/black4.0" || glob("$dir/zones/black4*") ? -e "$dir/hook" ? '' : 'the program was not run' : 'no datasets';
  },
  'sinbin-rules' => sub {
    my $pid = launch('rules', {}, denying('sinbin-rules', '-o', "$dir/new.cdb", "$top/rules"));
    my $code = ended($pid);
    return gave_up($code, 'rules', 'sinbin-rules') if $code ne '0';
    return slurp("$dir/new.cdb") eq slurp("$top/rules.cdb") ? '' : 'another database';
  },
  'sinbin-detector' => sub {
    my $pid = launch('detector', { DETECTORS => "$dir/det" }, denying('sinbin-detector', '-h', ':', 'add', 'fresh'));
    my $code = ended($pid);
    return gave_up($code, 'detector', 'sinbin-detector') if $code ne '0';
    return -s "$dir/det/fresh/key.1" == 65 ? '' : 'no key';
  },
);

sub filter {
  my ($program, $want, $env, @args) = @_;
  spew("$dir/filter.in", slurp("$top/line"));
  my $code = ended(launch('filter', $env, denying($program, @args)));
  return gave_up($code, 'filter', $program) if $code ne '0';
  return slurp("$dir/filter.out") =~ $want ? '' : 'another line: ' . slurp("$dir/filter.out");
}

# A report that is acknowledged: sinbin-report and sinbin-collect.
sub reported {
  my ($which) = @_;
  my $port = free_port('udp');
  my $collector = launch('collect', { LISTEN_PORT => $port, STORE => "$dir/store.db", DETECTORS => "$top/detectors" }, denying('sinbin-collect'));
  my $code;
  until_true(sub { -e "$dir/store.db-wal" || (waitpid($collector, WNOHANG) > 0 && defined($code = $? >> 8)) });
  return gave_up($code, 'collect', 'sinbin-collect') if defined $code;
  spew("$dir/report.in", slurp("$top/judged"));
  my $reporter = launch('report', { COLLECTOR_PORT => $port, DETECTOR => 'trap', KEYFILE => "$top/detectors/trap/key.1", EPOCH => "$dir/epoch",
    HEARTBEAT => 0, GRACE => 15, RESEND_FIRST => '0.05', RESEND_LONGEST => '0.2' }, denying('sinbin-report'));
  my $reported = ended($reporter);
  kill TERM => $collector;
  my $collected = ended($collector);
  my $acknowledged = slurp("$dir/report.err") =~ /acknowledged 1\b/;
  if ($which eq 'sinbin-collect') {
    return "exit code $collected" if $collected ne '0' && gave_up($collected, 'collect', 'sinbin-collect') ne '';
    return $collected ne '0' || $acknowledged ? '' : 'nothing is acknowledged';
  }
  return gave_up($reported, 'report', 'sinbin-report') if $reported ne '0';
  return $acknowledged ? '' : 'nothing is acknowledged';
}

# A whole session under sinbin-listen: greeted, served, one line. Or the client is told to come again, and why is logged.
sub session {
  my ($which) = @_;
  my $port = free_port('tcp');
  my $listener = launch('listen', { map({ ("DELAY_$_" => '0.02') } qw(GREET HELO MAIL RCPT DATA)), NOTIFY_FD => 3 },
    'sh', '-c', 'exec 3>ready; exec "$@"', 'sh', denying('sinbin-listen', '-b', "127.0.0.1/$port", '-j', 1, '-g', 3), denying('sinbin-smtpd'));
  my $code;
  until_true(sub { -s "$dir/ready" || (waitpid($listener, WNOHANG) > 0 && defined($code = $? >> 8)) });
  return gave_up($code, 'listen', 'sinbin-listen') if defined $code;
  my $said = converse($port);
  my ($line, $served) = ('', $said =~ /^220 .*^250 .*^221 /ms);
  until_true(sub { $line = slurp("$dir/listen.out") =~ /^((?:session1|lost1) .*)$/m ? $1 : '' }, $served ? $patience : 1);
  kill TERM => $listener;
  my $stopped = ended($listener);
  return "the listener: exit code $stopped" if $stopped ne '0';
  return '' if $served && $line =~ /^session1 .* end=quit /;
  return slurp("$dir/listen.err") =~ /^sinbin-smtpd: warning: unable to wait/m ? '' : "said [$said], line [$line]"
    if $line =~ /^session1/;
  return "said [$said], line [$line]" if $said !~ /^421 / && $said ne '';
  return slurp("$dir/listen.err") =~ /^sinbin-(?:smtpd: fatal|listen: warning): .*$/m ? '' : 'a silent end';
}

sub converse {
  my ($port) = @_;
  my $client = IO::Socket::IP->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return '';
  my $said = '';
  for my $step (['', qr/^(?:220|421) .*\n/m], ["EHLO mx.example.net\r\n", qr/^250 .*\n/m], ["QUIT\r\n", qr/^221 .*\n/m]) {
    print $client $step->[0];
    $client->flush;
    my $until = time + 10;
    while ($said !~ $step->[1] && time < $until && IO::Select->new($client)->can_read($until - time)) {
      sysread($client, $said, 4096, length $said) or last;
    }
    last if $said =~ /^421 /m || $said !~ $step->[1];
  }
  return $said =~ s/\r//gr;
}

# ---- what the scenarios need

sub quiet { system("@_ >$top/quiet 2>&1") == 0 or BAIL_OUT("@_: " . slurp("$top/quiet")) }
system('cp', '-R', 'rules', "$top/rules") == 0 or die;
unlink "$top/rules/rules.cdb";
quiet("$bin/sinbin-rules -o $top/rules.cdb $top/rules");
my $line = 'session1 at=' . time =~ s/\..*//r . '.123 peer=192.88.10.7 pport=40112 local=198.51.100.5 lport=25 ms=14023 stage=data end=fin '
  . 'after=none verb=ehlo helo=ylmf-pc helos=1 from=a@b.example to=x@example.org rcpts=1 lines=5 bad=0 bytes=143 rtt=38 r451=yes did=early-talk';
spew("$top/line", "$line\n");
quiet("$bin/sinbin-score $top/rules.cdb <$top/line >$top/judged");
system("$bin/sinbin-score $top/rules.cdb <$top/line >$top/judged") == 0 or die;
make_path("$top/detectors");
quiet("DETECTORS=$top/detectors $bin/sinbin-detector -h : add trap");
{
  ($dir, $denied, $own) = ("$top/first", [], '');
  make_path($dir);
  is reported('sinbin-report'), '', 'a report, nothing denied';
  rename "$dir/store.db", "$top/store.db";
}

# ---- the cases

my @cases;
my $turn = 0;
for my $program (sort keys %scenario) {
  push @cases, [$program, $_, undef] for 'nothing';
  push @cases, map { my $call = $_; map { [$program, $call, $_] } @errors, 'EACCES' } $ENV{DENY_ALL} ? @calls : @known;
  push @cases, map { [$program, $_, $errors[$turn++ % @errors]] } @usual unless $ENV{DENY_ALL};
}

sub run_case {
  my ($n, $program, $call, $error) = @_;
  ($dir, $own) = ("$top/$n", $call eq 'nothing' ? '' : $program);
  $denied = [$error, $call];
  make_path("$dir/log", "$dir/zones", "$dir/det/old");
  spew("$dir/log/current", "one\n");
  my $wrong = $scenario{$program}->();
  my $told = join ' | ', map { slurp($_) =~ s/\n/ /gr } glob "$dir/*.err";
  system('rm', '-rf', $dir);
  return $wrong && "$wrong; $told";
}

# Some at a time, each worker with every so many of the cases.
my %result;
my @readers;
for my $worker (0 .. $workers - 1) {
  pipe my $read, my $write or die;
  my $pid = fork // die;
  if (!$pid) {
    for (my $n = $worker; $n < @cases; $n += $workers) {
      my $wrong = eval { run_case($n, @{ $cases[$n] }) } // "died: $@";
      syswrite $write, "$n " . $wrong =~ s/\n/ /gr . "\n";
    }
    POSIX::_exit(0);
  }
  close $write;
  push @readers, [$read, $pid];
}
for (@readers) {
  my ($read, $pid) = @$_;
  while (<$read>) { chomp; my ($n, $wrong) = split / /, $_, 2; $result{$n} = $wrong // '' }
  waitpid $pid, 0;
}
for my $program (sort keys %scenario) {
  my @mine = grep { $cases[$_][0] eq $program } 0 .. $#cases;
  my @bad = grep { ($result{$_} // 'no result') ne '' } @mine;
  is scalar @bad, 0, "$program: " . @mine . ' cases';
  diag "$program, $cases[$_][1] answered by " . ($cases[$_][2] // '-') . ': ' . ($result{$_} // 'no result') for @bad;
}
# Neither getrandom(2) nor /dev/urandom: libsodium would abort without a word.
SKIP: {
  skip 'no mount namespace here', 2 if system('unshare -m true 2>/dev/null') != 0;
  local @ENV{qw(NAMESERVERS)} = ('127.0.0.1:9');
  my $said = qx(unshare -m sh -c 'mount -t tmpfs none /dev && mknod -m 666 /dev/null c 1 3 && $deny EPERM getrandom $bin/sinbin-resolve </dev/null' 2>&1);
  is $? >> 8, 111, 'no random numbers: exit code';
  is $said, "sinbin-resolve: fatal: no random numbers: neither getrandom(2) nor /dev/urandom works\n", 'and says so';
}
done_testing;
