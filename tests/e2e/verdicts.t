#!/usr/bin/perl
# The service verdicts under a real supervisor, over a log of a real s6-log: lines are judged, one process
# dies and all end, s6 starts them anew, and a mistake leaves the service down.
use strict;
use warnings;
use lib 'tests/e2e';
use Chain;
use Crowd;
use Cwd qw(abs_path);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;
use Time::HiRes qw(sleep);

my $bin = abs_path($ENV{SINBIN_BIN} || 'bin');
my $dir = tempdir('sinbin-verdicts-XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $service = "$dir/service/verdicts";
my ($scanner, $logger, $to);
$ENV{PATH} = "$bin:$ENV{PATH}";

END {
  local $?;
  system 's6-svscanctl', '-t', "$dir/service" if $scanner;
  waitpid $scanner, 0 if $scanner;
  close $to if $to;
  waitpid $logger, 0 if $logger;
}

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP PIPE);

sub start_log {
  pipe my $from, $to or die "pipe: $!";
  $logger = fork // die "fork: $!";
  if (!$logger) {
    close $to;
    open STDIN, '<&', $from or die;
    exec 's6-log', '-b', '--', 't', 'n100', 's4096', "$dir/log/sessions" or die;
  }
  $to->autoflush(1);
}

sub add {
  print $to "session1 at=1764000000.000 peer=192.0.2.$_ ms=900 stage=helo end=quit helo=a.example\n" for @_;
}

# The peers of the verdicts that were written, and that match, in order and each once.
sub judged {
  my ($pattern) = @_;
  my (%seen, @peers);
  for my $file (sort(glob "$dir/log/verdicts/\@*"), "$dir/log/verdicts/current") {
    for (split /\n/, Crowd::slurp($file)) {
      next if !/^\@[0-9a-f]{24} session1 .* peer=192\.0\.2\.(\d+) .* seq=\d+ pos=\d+\.\d+ .*verdict=\w+$/;
      my $peer = $1;
      push @peers, $peer if $_ =~ ($pattern // qr/./) && !$seen{$peer}++;
    }
  }
  return "@peers";
}

sub are_judged {
  my ($last, $name) = @_;
  my $want = join ' ', 1 .. $last;
  Crowd::until_true(20, sub { judged() eq $want });
  is judged(), $want, $name;
}

# The processes of the service, by name; execline's that wait for a stage are left out.
sub stages {
  my %stage;
  for my $proc (glob '/proc/[0-9]*') {
    next if (readlink("$proc/cwd") // '') ne $service;
    my ($pid) = $proc =~ /(\d+)/;
    my $name = Crowd::slurp("$proc/comm");
    $stage{$1} = $pid if $name =~ /^(sinbin-\w+)$/;
  }
  return \%stage;
}

sub are_up {
  my (@names) = @_;
  return Crowd::until_true(20, sub { join(' ', sort keys %{ stages() }) eq join(' ', sort @names) });
}

# Nothing that is there now may be there later.
sub all_are_new {
  my ($old, @names) = @_;
  my %was = map { $_ => 1 } values %$old;
  return Crowd::until_true(20, sub {
    return 0 if grep { -e "/proc/$_/cwd" } keys %was;
    return join(' ', sort keys %{ stages() }) eq join ' ', sort @names;
  });
}

sub starts { return scalar(() = `s6-svdt $service` =~ /^@/mg) }

make_path("$dir/service", "$dir/log/sessions", "$dir/detectors/trap");
system('cp', '-R', 'service/s6/verdicts', 'rules', "$dir/") == 0 or die 'cp';
unlink "$dir/rules/rules.cdb";
system("make -s -C $dir/rules SINBIN_RULES=$bin/sinbin-rules") == 0 or die 'rules';
Crowd::spew("$dir/detectors/trap/key.1", 'ab' x 32 . "\n");
chmod 0400, "$dir/detectors/trap/key.1";
Crowd::spew("$dir/verdicts/env/COLLECTOR_PORT", Chain::free_port('udp') . "\n");
Crowd::spew("$dir/verdicts/env/NAMESERVERS", '127.0.0.1:' . Chain::free_port('udp') . "\n"); # nobody is there
Crowd::spew("$dir/verdicts/env/SPECIAL", "1\n");
rename "$dir/verdicts", $service or die;
start_log();
add(1 .. 20);
$scanner = Crowd::start("$dir/svscan", 's6-svscan', "$dir/service");

my @plain = qw(sinbin-follow sinbin-score sinbin-report);
my @all = ('sinbin-resolve', @plain);
ok are_up(@all), 'follow | resolve | score | report' or diag Crowd::slurp("$dir/svscan");
are_judged(20, 'what was in the log is judged');
is judged(qr/ heloa=\? /), join(' ', 1 .. 20), 'and has passed the resolver';
add(21);
are_judged(21, 'and what comes');

my $last = 21;
for my $victim (@all) {
  subtest "$victim is killed" => sub {
    my $old = stages();
    kill 'KILL', $old->{$victim};
    ok all_are_new($old, @all), 'without a line to write all end, and all are started anew'
      or diag Crowd::slurp("$dir/svscan");
    add(++$last);
    are_judged($last, 'and go on');
  };
}

subtest 'stopped and started' => sub {
  is system('s6-svc', '-wD', '-T', 15000, '-d', $service), 0, 'it goes down';
  is join(' ', %{ stages() }), '', 'all of it';
  ok !-e "$service/group", 'and finish has done its work';
  add(++$last);
  Crowd::spew("$service/env/RESOLVE", "\n");
  is system('s6-svc', '-u', $service), 0, 'it goes up, without a resolver';
  ok are_up(@plain), 'follow | score | report';
  are_judged($last, 'what came meanwhile is judged');
  unlike judged(qr/ heloa=/), qr/\b$last$/, 'and nobody was asked about it';
  my $old = stages();
  kill 'KILL', $old->{'sinbin-follow'};
  ok all_are_new($old, @plain), 'one that dies ends all, too';
};

for (['a malformed checkpoint', 'env/CHECKPOINT', sub { Crowd::spew("$dir/lost", "CP1 1 5 1 x -\n"); '../../lost' },
    qr/no checkpoint, or a malformed one/],
  ['broken rules', 'env/RULES', sub { Crowd::spew("$dir/broken", "x\n"); '../../broken' }, qr/not a sinbin-rules database/],
  ['a missing key', 'env/KEYFILE', sub { '../../none' }, qr/key file/]) {
  my ($name, $file, $make, $said) = @$_;
  subtest "$name: exit 100 of a stage" => sub {
    my $right = Crowd::slurp("$service/$file");
    system 's6-svc', '-wD', '-T', 15000, '-d', $service;
    Crowd::spew("$service/$file", $make->() . "\n");
    my $starts = starts();
    system 's6-svc', '-u', $service;
    ok Crowd::until_true(20, sub { starts() > $starts && `s6-svstat -o up,wantedup $service` =~ /^false/ }), 'it ends';
    sleep 1.5;
    is starts() - $starts, 1, 'and is not started again';
    like Crowd::slurp("$dir/svscan"), $said, 'it said why';
    is join(' ', %{ stages() }), '', 'no stage is left';
    Crowd::spew("$service/$file", $right);
    system 's6-svc', '-u', $service;
    ok are_up(@plain), 'mended, it is started by hand';
  };
}
add(++$last);
are_judged($last, 'and goes on');
unlike Crowd::slurp("$dir/svscan"), qr/unable to exec|usage|not found/, 'no script named what is not there';
done_testing;
