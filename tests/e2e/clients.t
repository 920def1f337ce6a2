#!/usr/bin/perl
# Mail programs of Debian, unaltered and with their own defaults, meet the trap: none of them may end
# as a bot, and each leaves as it is known to. Programs are taken from the system, or from
# .build/clients where tests/data/clients/fetch unpacks those that nobody wants installed. With names
# as arguments only those are run.
use strict;
use warnings;
$ENV{ALLOW_ROOT} //= 1; # daemons refuse root unless told
use Cwd qw(getcwd);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use IO::Select;
use POSIX qw(WNOHANG);
use Test::More;
use Time::HiRes qw(sleep time);

my $bin  = $ENV{SINBIN_BIN} || 'bin';
$bin = getcwd . "/$bin" unless $bin =~ m{^/};
my $data     = getcwd . '/tests/data/clients';
my $unpacked = getcwd . '/.build/clients';
my $dir      = tempdir('sinbin-clients-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $patience = 40;
my $owner    = $$;
my ($host, $port) = ('127.0.0.25');
my %running;    # pid => name; each leads a process group
chmod 0755, $dir;

sub put { my ($path, $text) = @_; open my $f, '>', $path or die "$path: $!"; print $f $text; close $f or die }
sub get { my ($path) = @_; open my $f, '<', $path or return ''; local $/; return <$f> // '' }

# Ends groups; a group whose leader is gone may still have members.
sub end_groups {
  my (@groups) = @_;
  for my $signal (qw(TERM KILL)) {
    kill $signal, map { -$_ } @groups;
    for (1 .. 100) {
      waitpid $_, WNOHANG for @groups;
      @groups = grep { kill 0, -$_ } @groups or return;
      sleep 0.02;
    }
  }
}

END {
  if ($$ == $owner) { my $status = $?; end_groups(keys %running); $? = $status }
}

# A program of the system before an unpacked one.
sub find {
  my ($name) = @_;
  my @places = map { my $top = $_; map { "$top/usr/$_/$name" } qw(bin sbin lib libexec) } '', $unpacked;
  return (grep { -x } @places)[0];
}

sub libraries { return join ':', glob "$unpacked/usr/lib/*-linux-gnu $unpacked/usr/lib/postfix" }

# The library that an unpacked program lacks.
sub lacks {
  my ($file) = @_;
  return if $file !~ /^\Q$unpacked\E/;
  local $ENV{LD_LIBRARY_PATH} = libraries();
  return `ldd $file 2>&1` =~ /(\S+) => not found/ ? $1 : undef;
}

sub launch {
  my ($name, %how) = @_;
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    setpgrp;
    $ENV{$_} = $how{env}{$_} for keys %{ $how{env} || {} };
    $ENV{LD_LIBRARY_PATH} = libraries() if "@{ $how{command} }" =~ /\Q$unpacked\E/;
    open STDIN, '<', $how{input} || '/dev/null';
    open STDOUT, '>', "$how{said}" or die if $how{said};
    open STDERR, '>&', \*STDOUT if $how{said};
    POSIX::dup2(fileno $how{out}, 1) if $how{out};
    POSIX::dup2(fileno $how{err}, 2) if $how{err};
    exec { $how{command}[0] } @{ $how{command} } or POSIX::_exit(127);
  }
  setpgrp $pid, $pid;
  $running{$pid} = $name;
  return $pid;
}

# ---- the trap: tcpserver, the handler, the scorer ----

sub make_rules {
  mkdir "$dir/rules";
  for my $file (grep { -f && !/Makefile|\.|~/ } glob 'rules/*') {
    put("$dir/$file", get($file));
  }
  put("$dir/rules/own", "$host\nmx.sinbin.test\n");
  put("$dir/rules/domains", "sinbin.test\n");
  system("$bin/sinbin-rules -o $dir/rules.cdb $dir/rules 2>/dev/null") == 0 or die 'sinbin-rules failed';
}

# Returns where the scored lines come out.
sub start_trap {
  pipe my $lines_out, my $lines or die;
  pipe my $ports_out, my $ports or die;
  local %ENV = (%ENV, DELAY_GREET => 1, map { ("DELAY_$_" => 0.3) } qw(HELO MAIL RCPT DATA));
  delete @ENV{qw(SINBIN_LOG SINBIN_PEER REFUSE_AT STUTTER STRESS HIGHMX)};
  launch('the trap', out => $ports, err => $lines,
    command => ['tcpserver', qw(-1HRDX -l 0 -c 100), $host, 0, "$bin/sinbin-smtpd"]);
  close $_ for $lines, $ports;
  chomp($port = <$ports_out> // '');
  pipe my $scored, my $verdicts or die;
  my $scorer = fork // die;
  if (!$scorer) {
    POSIX::dup2(fileno $lines_out, 0);
    POSIX::dup2(fileno $verdicts, 1);
    exec "$bin/sinbin-score", "$dir/rules.cdb" or POSIX::_exit(127);
  }
  return $scored;
}

# ---- the clients: each returns its command line ----

# A file of tests/data/clients with its blanks filled in.
sub configured {
  my ($file, $into, %blank) = @_;
  my $text = get("$data/$file");
  %blank = (HOST => $host, PORT => $port, %blank);
  $text =~ s/\@([A-Z]+)\@/$blank{$1} \/\/ die $1/ge;
  put($into, $text);
  return $into;
}

# Some programs know no other configuration than below /etc, no other spool than below /var/spool,
# and no other users than their package's: they get these directories, /run and /var/lib, of their own.
sub in_private {
  my ($name, $users, @command) = @_;
  system('unshare -m true 2>/dev/null') == 0 or return 'it needs a mount namespace';
  my $own = "$dir/$name-own";
  make_path(map { "$own/$_" } qw(etc run), "spool/$name", "lib/$name/empty");
  my %text = map { $_ => get("/etc/$_") } qw(passwd group hosts nsswitch.conf ld.so.cache resolv.conf services);
  my ($uid, $gid) = (getpwnam 'mail')[2, 3];
  for my $user (@$users) {
    $text{passwd} .= "$user:x:$uid:${gid}::/var/lib/$name:/bin/sh\n" unless getpwnam $user;
    $text{group}  .= "$user:x:${gid}:\n" unless getgrnam $user;
  }
  put("$own/etc/$_", $text{$_}) for keys %text;
  chown $uid, $gid, "$own/spool/$name";
  return ['unshare', '-m', 'sh', '-euc', 'mount --bind "$1/etc" /etc; mount --bind "$1/spool" /var/spool;
    mount --bind "$1/lib" /var/lib; mount --bind "$1/run" /run; shift; exec "$@"', 'sh', $own, @command];
}

sub exim {
  my ($exim, $from, $to) = @_;
  configured('exim.conf', "$dir/exim.conf", EXIM => $exim);
  return in_private('exim4', ['Debian-exim'], $exim, '-C', "$dir/exim.conf", qw(-odf -i -f), $from, $to);
}

sub dma {
  my ($dma, $from, $to) = @_;
  make_path("$dir/dma-own/etc/dma");
  configured('dma.conf', "$dir/dma-own/etc/dma/dma.conf");
  return in_private('dma', ['mail'], $dma, qw(-D -i -f), $from, $to);
}

# It waits for a minute where its host has no name with a dot.
sub sendmail {
  my ($sendmail, $from, $to) = @_;
  make_path("$dir/sendmail-queue");
  configured('sendmail.cf', "$dir/sendmail.cf", DIR => "$dir/sendmail-queue");
  my $command = in_private('mqueue', ['smmta'], $sendmail, '-C', "$dir/sendmail.cf", qw(-odi -i -f), $from, $to);
  my $host = (POSIX::uname())[1];
  put("$dir/mqueue-own/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 $host.localdomain $host\n") if ref $command;
  return $command;
}

# It keeps a connection for ten seconds.
sub opensmtpd {
  my ($smtpd, $from, $to) = @_;
  configured('smtpd.conf', "$dir/smtpd.conf");
  my $control = find('smtpctl') or return 'it has no smtpctl';
  my $start = 'exec 3<&0; "$1" -F -f "$2" </dev/null 3<&- &
    for i in 1 2 3 4 5 6 7 8 9 10; do [ -S /run/smtpd.sock ] && break; sleep 0.3; done
    setpriv --clear-groups --regid opensmtpq bash -c \'exec -a sendmail "$@"\' sh "$3" -f "$4" "$5" <&3; wait';
  return in_private('opensmtpd', [qw(opensmtpd opensmtpq)], 'bash', '-c', $start, 'sh', $smtpd, "$dir/smtpd.conf", $control, $from, $to);
}

sub postfix {
  my ($cached, $sendmail, $from, $to) = @_;
  my $home = "$dir/postfix" . ($cached ? '-cached' : '');
  my $root = $sendmail =~ m{^(.*)/usr/} ? $1 : '';
  mkdir $_, 0755 for $home, "$home/queue", "$home/data", map { "$home/queue/$_" }
    qw(active bounce corrupt defer deferred flush hold incoming maildrop pid private public saved trace);
  my ($user, $group) = ((getpwnam 'uucp')[2], (getgrnam 'news')[2]);
  chown $user, -1, "$home/data", map { "$home/queue/$_" }
    qw(active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace);
  chown $user, $group, "$home/queue/maildrop", "$home/queue/public";
  chmod 0700, "$home/data";
  configured('postfix-main.cf', "$home/main.cf", DIR => $home, ROOT => $root, CACHED => $cached ? $host : '');
  configured('postfix-master.cf', "$home/master.cf");
  return ['sh', '-c', '"$1/usr/lib/postfix/sbin/master" -c "$2" -d & sleep 0.5; "$1/usr/sbin/sendmail" -C "$2" -i -f "$3" "$4"; wait',
    'sh', $root, $home, $from, $to];
}

# What they leave with: QUIT, or nothing; `may` is the verdict that follows.
my %polite  = (end => 'quit', verdict => 'clean');
my %silent  = (end => 'fin', verdict => 'suspect');
my @clients = (
  { name => 'swaks', %polite, run => sub { [$_[0], '--server', "$host:$port", '--from', $_[1], '--to', $_[2]] } },
  { name => 'curl', %polite, run => sub { [$_[0], '-s', "smtp://$host:$port", '--mail-from', $_[1], '--mail-rcpt', $_[2], '-T', '-'] } },
  { name => 'Net-SMTP', file => 'perl', %polite, run => sub { [$_[0], "$data/send-net-smtp.pl", $host, $port, @_[1, 2]] } },
  { name => 'smtplib-with', file => 'python3', %polite, run => sub { [$_[0], "$data/send-smtplib.py", $host, $port, @_[1, 2], 'with'] } },
  { name => 'smtplib', file => 'python3', %silent, run => sub { [$_[0], "$data/send-smtplib.py", $host, $port, @_[1, 2]] } },
  { name => 'ruby', %silent, run => sub { [$_[0], "$data/send-net-smtp.rb", $host, $port, @_[1, 2]] } },
  { name => 'msmtp', %silent, run => sub { [$_[0], '-C', '/dev/null', "--host=$host", "--port=$port", "--from=$_[1]", $_[2]] } },
  { name => 'esmtp', %polite, run => sub { [$_[0], '-C', configured('esmtprc', "$dir/esmtprc"), '-f', $_[1], $_[2]] } },
  { name => 'ssmtp', %silent, run => sub { [$_[0], '-C' . configured('ssmtp.conf', "$dir/ssmtp.conf"), "-f$_[1]", $_[2]] } },
  { name => 's-nail', %silent, run => sub { [$_[0], qw(-: / -S v15-compat -S smtp-auth=none -S sendwait -S), "mta=smtp://$host:$port", '-S', "from=$_[1]", '-s', 'hello', $_[2]] } },
  { name => 'mutt', %silent, run => sub { [$_[0], qw(-n -F /dev/null -e), "set smtp_url=smtp://$host:$port from=$_[1] copy=no ssl_starttls=no ssl_force_tls=no", '-s', 'hello', $_[2]] } },
  { name => 'nullmailer', file => 'nullmailer/smtp', %polite, run => sub {
      put("$dir/queued", "$_[1]\n$_[2]\n\n" . get("$dir/mail"));
      ['sh', '-c', 'exec "$1" "--host=$2" "--port=$3" 3<"$4" </dev/null', 'sh', $_[0], $host, $port, "$dir/queued"] } },
  { name => 'dma', root => 1, %silent, run => \&dma },
  { name => 'exim', file => 'exim4', root => 1, %polite, run => \&exim },
  { name => 'sendmail', file => 'sendmail/sendmail', root => 1, %polite, run => \&sendmail },
  { name => 'opensmtpd', file => 'smtpd', root => 1, %polite, after => 'rset', run => \&opensmtpd },
  # It keeps connections for two seconds when it has more mail, or is told to.
  { name => 'postfix', file => 'postfix/sbin/smtp', root => 1, %polite, after => 'rset', run => sub { postfix(0, @_) } },
  { name => 'postfix-cached', file => 'postfix/sbin/smtp', root => 1, %silent, after => 'rset', verdict => 'clean', run => sub { postfix(1, @_) } },
);

# Returns why not, or nothing.
sub start_client {
  my ($c) = @_;
  return 'not asked for' if @ARGV && !grep { $_ eq $c->{name} } @ARGV;
  my $file = find($c->{file} || $c->{name}) or return 'not installed';
  if (my $library = lacks($file)) { return "it lacks $library" }
  return 'only root can drive it' if $c->{root} && $> != 0;
  my $command = $c->{run}($file, 'joe@sender.example', "$c->{name}\@sinbin.test");
  return $command unless ref $command;
  mkdir "$dir/home";
  launch($c->{name}, command => $command, input => "$dir/mail", said => "$dir/$c->{name}.said",
    env => { HOME => "$dir/home", NAME => 'Joe', USER => 'joe', LOGNAME => 'joe', HELOHOST => 'mail.example.net' });
  return;
}

make_rules();
put("$dir/mail", "From: Joe <joe\@sender.example>\nTo: x\@sinbin.test\nSubject: hello\nDate: Tue, 24 Nov 2026 00:00:00 +0000\n\nhello\n");
my $scored = start_trap();
like $port, qr/^\d+$/, 'the trap listens' or BAIL_OUT('no trap');

my (%absent, %line);
for my $c (@clients) {
  my $why = start_client($c);
  $absent{ $c->{name} } = $why if defined $why;
}
my ($text, $until, $awaited) = ('', time + $patience, @clients - keys %absent);
while (keys %line < $awaited && time < $until) {
  IO::Select->new($scored)->can_read(1) or next;
  sysread($scored, $text, 65536, length $text) or last;
  while ($text =~ s/^(.*)\n//) {
    my $whole = $1;
    next if $whole =~ /no system call filter/;    # a build with sanitizers
    $whole =~ / to=([\w-]+)\@sinbin\.test / ? ($line{$1} //= $whole) : diag "another line: $whole";
  }
}

for my $c (@clients) {
  my $name = $c->{name};
  SKIP: {
    skip "$name: $absent{$name}", 2 if $absent{$name};
    my $line = $line{$name} // 'no line';
    my %field = map { split /=/, $_, 2 } grep { /=/ } split / /, $line;
    my $after = $c->{after} // 'none';
    is join(' ', map { "$_=" . ($field{$_} // '?') } qw(r451 end after verdict)),
      "r451=yes end=$c->{end} after=$after verdict=$c->{verdict}", "$name, greeting as " . ($field{helo} // '?')
      or diag join "\n", $line, map { get($_) } "$dir/$name.said", glob "$dir/$name/log";
    my @odd = grep { !/^(high-mx|helo-(label|localhost|tld|literal)|no-quit|quit|polite)$/ } split /,/, $field{sins} // 'none told';
    is "@odd", '', "$name: nothing but its name and its leaving is held against it" or diag $line;
  }
}
done_testing;
