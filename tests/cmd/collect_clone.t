#!/usr/bin/perl
# Reports that must not be acknowledged, through sinbin-report and sinbin-collect: of a copied machine, of an old
# checkpoint, under a forged number; and those that must, though they come again. Both ends say what is wrong.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Blake2b qw(blake2b);
use POSIX ();
use Collectors;
use Test::More;
use Time::HiRes qw(sleep time);

$ENV{SINBIN_BIN} //= 'bin';
my $at = int(time) - 100;

# Lines FROM and on, each of a session of its own at the address that is given with %d in it.
sub lines {
  my ($from, $count, $ip, %with) = @_;
  my %field = (end => 'fin', score => 14, verdict => 'bot', sins => 'helo-bot,no-quit', %with);
  return map {
    my $n = $from + $_;
    sprintf "session1 at=%d.000 peer=%s ms=0 stage=data end=%s seq=%d pos=77.%d sins=%s score=%d verdict=%s\n", $at + $n % 90,
      $ip =~ s/%d/$n/r, $field{end}, $n, 100 * $n, $field{sins}, $field{score}, $field{verdict};
  } 0 .. $count - 1;
}

# A reporter with a checkpoint of its own, NAME; text is what it begins with.
sub reporter {
  my ($c, $name, $text, %env) = @_;
  my $dir = "$c->{dir}/$name";
  mkdir $dir;
  Collectors::spew("$dir/checkpoint", $text) if $text;
  pipe my $read, my $write or die "pipe: $!";
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDIN, '<&', $read or die;
    open STDOUT, '>', '/dev/null' or die;
    open STDERR, '>', "$dir/err" or die;
    close $write;
    %ENV = (%ENV, COLLECTOR => '127.0.0.1', COLLECTOR_PORT => $c->{env}{LISTEN_PORT}, DETECTOR => 'first', GRACE => 1, HEARTBEAT => 0,
      RESEND_FIRST => 0.05, RESEND_LONGEST => 0.2, KEYFILE => "$c->{env}{DETECTORS}/first/key.1", CHECKPOINT => "$dir/checkpoint", %env);
    exec "$ENV{SINBIN_BIN}/sinbin-report" or die "exec: $!";
  }
  close $read;
  $write->autoflush(1);
  return { pid => $pid, in => $write, dir => $dir };
}

sub end_reporter {
  my ($r, $signal) = @_;
  kill $signal, $r->{pid} if $signal;
  close $r->{in};
  waitpid $r->{pid}, 0;
  return $? >> 8;
}

sub feed { my ($r, @lines) = @_; my $in = $r->{in}; print $in @lines }
sub next_number { my ($r) = @_; return (split / /, Collectors::slurp("$r->{dir}/checkpoint"))[2] }
sub said { my ($r) = @_; return Collectors::slurp("$r->{dir}/err") }
sub evidence { my ($c, $like) = @_; $c->counts; return $c->sql("SELECT coalesce(sum(bots + cleans), 0) FROM evidence WHERE hex(ip) LIKE '$like'") }

subtest 'a copied machine' => sub {
  my $c = Collectors->new;
  my ($one, $two) = map { reporter($c, $_, "CP1 5 1 77 0 -\n") } 'one', 'two';
  feed($one, lines(1, 5, '11.1.0.%d'));
  Collectors::until_true('five reports', sub { evidence($c, '%0B0100__') == 5 });
  feed($two, lines(1, 5, '11.2.0.%d'));
  Collectors::until_true('an alarm here', sub { $c->err =~ /alarm: \d+ reports refused whose number another report has/ });
  like $c->err, qr/, the last number [1-5], by first from 127\.0\.0\.1: two reporters of one name and epoch/, 'who, and from where';
  Collectors::until_true('an alarm there', sub { said($two) =~ /alarm: / });
  like said($two), qr/sinbin-report: alarm: 127\.0\.0\.1 refused reports \d+ times, last number [1-5]: does another machine report as detector first/,
    'there, too';
  is evidence($c, '%0B0200__'), 0, 'nothing of it is stored';
  is end_reporter($two), 0, 'it ends';
  is next_number($two), 1, 'and nothing is acknowledged';
  like said($two), qr/acknowledged 0, pending 5, .* refusals \d+,/, 'as it says';
  unlike said($two), qr/no answer/, 'the collector answered';
  is end_reporter($one), 0, 'the other one ends';
  is next_number($one), 6, 'with all acknowledged';
  unlike said($one), qr/alarm/, 'and no alarm';
  my $fixed = reporter($c, 'two', "CP1 6 1 77 0 -\n");
  feed($fixed, lines(1, 5, '11.2.0.%d'));
  is end_reporter($fixed), 0, 'under a higher epoch';
  is evidence($c, '%0B0200__'), 5, 'all that has waited is reported';
  $c->stop;
};

subtest 'read and reported again' => sub {
  my $c = Collectors->new;
  my $one = reporter($c, 'one', "CP1 5 1 77 0 -\n");
  feed($one, lines(1, 50, '11.1.0.%d'));
  Collectors::until_true('all of them', sub { evidence($c, '%0B0100__') == 50 });
  end_reporter($one, 'KILL');
  Collectors::spew("$one->{dir}/checkpoint", "CP1 5 1 77 0 -\n");
  $one = reporter($c, 'one');
  feed($one, lines(1, 50, '11.1.0.%d', verdict => 'clean', score => 1, sins => 'no-rdns'));
  is end_reporter($one), 0, 'what other rules say of the same sessions';
  is next_number($one), 51, 'is acknowledged';
  is evidence($c, '%0B0100__'), 50, 'and not counted again';
  unlike $c->err, qr/alarm/, 'without an alarm';
  $c->slay;
  $c->start;
  Collectors::spew("$one->{dir}/checkpoint", "CP1 5 1 77 0 -\n");
  $one = reporter($c, 'one');
  feed($one, lines(1, 49, '11.1.0.%d'), lines(50, 1, '11.7.0.%d'));
  end_reporter($one);
  is next_number($one), 50, 'also after a crash of the collector, but for what is another session';
  $c->stop;
};

# A reporter that is killed while it sends never reads again more numbers than the collector's window holds.
subtest 'killed in a backlog' => sub {
  my $c = Collectors->new(BREAKER_LEAST => 0, RATE_CAP => 0);
  my $dir = "$c->{dir}/one";
  my ($count, $kills) = (30000, 0);
  my $text = "CP1 5 1 77 0 -\n";
  mkdir $dir;
  Collectors::spew("$dir/checkpoint", $text);
  local $SIG{PIPE} = 'IGNORE';
  for my $try (1 .. 20) {
    my $from = (split / /, Collectors::slurp("$dir/checkpoint"))[2];
    last if $from > $count;
    my $one = reporter($c, 'one');
    my $feeder = fork // die "fork: $!";
    if (!$feeder) {
      feed($one, lines($_, 1, sprintf '11.%d.%d.7', $_ >> 8, $_ & 255)) for $from .. $count;
      POSIX::_exit(0);
    }
    if ($try < 8) { sleep 0.3; end_reporter($one, 'KILL'); $kills++ }
    else { close $one->{in}; waitpid $feeder, 0; end_reporter($one) }
    kill 'KILL', $feeder;
    waitpid $feeder, 0;
  }
  is evidence($c, '%'), $count, 'each is counted once';
  unlike $c->err, qr/alarm/, 'and no report is refused';
  cmp_ok $kills, '>', 1, "killed $kills times";
  $c->stop;
};

# A datagram with these words after the epoch.
sub forge {
  my ($c, $epoch, $rest) = @_;
  my $line = "SB1 first 1 $epoch $rest";
  $c->{sender}->send("$line " . blake2b($line, $c->key('first', 1), 16) . "\n");
}

subtest 'a forged number' => sub {
  my $c = Collectors->new;
  for my $began (0, 1) {
    forge($c, 5, "9223372036854775807 $began 11.3.1.1 clean 0 quit - -");
    Collectors::until_true('refused', sub { $c->counts->{ahead} > $began });
    my $one = reporter($c, 'one', $began ? undef : "CP1 5 1 77 0 -\n");
    feed($one, lines(1 + 50 * $began, 50, '11.1.0.%d'));
    is end_reporter($one), 0, 'the detector goes on';
    is evidence($c, '%0B0100__'), 50 + 50 * $began, 'and is accepted';
  }
  like $c->err, qr/alarm: 1 reports refused with a number far ahead of all others, the last number 9223372036854775807, by first from 127\.0\.0\.1/,
    'an alarm';
  forge($c, 5, "15000000 $at 11.3.1.1 bot 9 fin - -");
  Collectors::until_true('taken', sub { evidence($c, '%0B030101') == 1 });
  my $one = reporter($c, 'one');
  feed($one, lines(101, 5, '11.1.0.%d'));
  Collectors::until_true('an alarm', sub { $c->err =~ /alarm: \d+ reports refused with a number below the window/ });
  is end_reporter($one), 0, 'one that is near enough mutes it aloud';
  is next_number($one), 101, 'and nothing is acknowledged';
  like said($one), qr/alarm: 127\.0\.0\.1 refused reports/, 'it says so';
  $c->stop;
};

subtest 'what is set up wrong' => sub {
  my $c = Collectors->new;
  for (['a key', qr/warning: \d+ datagrams of first from 127\.0\.0\.1 with a wrong tag: is its key the same here\?/, KEYFILE => "$c->{dir}/wrong"],
    ['a generation', qr/warning: \d+ datagrams of first from 127\.0\.0\.1 with key generation 3, which is not in its directory here/, KEYGEN => 3],
    ['a name', qr/warning: \d+ datagrams of frist from 127\.0\.0\.1: there is no such detector/, DETECTOR => 'frist'])
  {
    my ($name, $want, %env) = @$_;
    unlink "$c->{dir}/wrong";
    Collectors::spew("$c->{dir}/wrong", 'cd' x 32 . "\n");
    chmod 0400, "$c->{dir}/wrong";
    $c->restart;
    my $one = reporter($c, $name =~ s/ //r, "CP1 5 1 77 0 -\n", %env);
    feed($one, lines(1, 3, '11.1.0.%d'));
    Collectors::until_true("a warning about $name", sub { $c->err =~ $want });
    Collectors::until_true("one there about $name", sub { said($one) =~ /UDP open/ });
    like said($one), qr/warning: no answer from 127\.0\.0\.1; reports that wait: 3\n.*info: is 127\.0\.0\.1 up, is \d+\/UDP open, and does it know detector f\w+ with this key as generation \d\?/,
      "$name: what to look at";
    end_reporter($one);
    $c->{sender}->send("SB1 first 1 5 1 x " . '0' x 32 . "\n") for 1 .. 500;
    Collectors::until_true('all came', sub { $c->counts->{datagrams} > 500 });
    is scalar(() = $c->err =~ /$want/g), 1, 'it is logged once a minute';
  }
  $c->stop;
};

subtest 'a collector that comes back' => sub {
  my $c = Collectors->new;
  $c->stop;
  my $one = reporter($c, 'one', "CP1 5 1 77 0 -\n");
  feed($one, lines(1, 3, '11.1.0.%d'));
  Collectors::until_true('silence', sub { said($one) =~ /no answer/ });
  $c->start;
  Collectors::until_true('it is logged', sub { said($one) =~ /info: 127\.0\.0\.1 answers again; reports that wait: \d/ });
  end_reporter($one);
  is next_number($one), 4, 'all is there';
  $c->stop;
};

# As the collector of before has left it: without the tables of now, and with a detector over its rate.
subtest 'a database of before' => sub {
  my $c = Collectors->new;
  $c->report('first', '11.0.0.1');
  $c->stop;
  system('sqlite3', $c->{env}{STORE}, 'DROP TABLE taken; DROP TABLE addition; DROP TABLE frozen;'
    . ' ALTER TABLE standing DROP COLUMN surplus; ALTER TABLE standing DROP COLUMN surplus_at;'
    . ' UPDATE standing SET quarantined = first') == 0 or die;
  $c->start;
  $c->{seq}{first} = 0;
  my $moved = $c->report('first', ['11.0.0.2', 'bot', time - 50], '11.0.0.3');
  is "$moved->{duplicate} $moved->{reports} $moved->{other}", '1 1 0', 'a number of before counts alone, others as now';
  is $c->colour('11.0.0.1'), 'black', 'listings stay';
  is $c->colour('11.0.0.3'), 'black', 'and the quarantine of before is over';
  $c->{seq}{first} = 1;
  is $c->report('first', '11.0.0.4')->{other}, 1, 'from now on sessions are known again';
  $c->stop;
};

# The file is another user's, its directory is not.
subtest 'a database that may not be written' => sub {
  my $c = Collectors->new;
  $c->report('first', '11.0.0.1');
  $c->stop;
  my $user = $> == 0 ? 65534 : $>;
  chmod 0444, $c->{env}{STORE};
  chown $user, $user, $_ for $c->{dir}, "$c->{env}{STORE}-lock", glob("$c->{env}{DETECTORS}/first $c->{env}{DETECTORS}/first/*");
  my $pid = fork // die "fork: $!";
  if (!$pid) {
    open STDERR, '>', "$c->{dir}/denied" or die;
    open my $ready, '>', "$c->{dir}/ready" or die;
    POSIX::dup2(fileno $ready, 20) or die;
    ($(, $)) = ($user, "$user $user") if $> == 0;
    ($<, $>) = ($user, $user) if $> == 0;
    %ENV = (%ENV, %{ $c->{env} }, NOTIFY_FD => 20);
    exec "$ENV{SINBIN_BIN}/sinbin-collect" or die "exec: $!";
  }
  waitpid $pid, 0;
  is $? >> 8, 100, 'exit code';
  like Collectors::slurp("$c->{dir}/denied"), qr/fatal: \S+: attempt to write a readonly database/, 'said so';
  is -s "$c->{dir}/ready", 0, 'and never that it is ready';
};

done_testing;
