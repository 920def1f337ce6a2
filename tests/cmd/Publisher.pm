# What tests of sinbin-publish share: a store made by hand, the real rbldnsd, and dig.
#
#     make_store($file); sql($file, row('192.0.2.1', 'black', until => $time), 'DELETE ...');
#     my $pid = start({ LINGER => 0 }, $publish, $store, $dir);   stop($pid, 'KILL')
#     my ($code, $said) = run({}, $publish, '-1', $store, $dir);
#     my $dns = serve($dir, '1s', 'bl.example', 'all.example');  rbldnsd -c 1s, datasets as sinbin-publish -z names them
#     ask('192.0.2.1', 'bl.example', 'TXT')                      '127.0.0.2', 'NXDOMAIN', 'SERVFAIL', 'nothing' ...
#     now_is('192.0.2.1', 'bl.example', 'NXDOMAIN', 'its name', 5)
#
# All that is started ends with the test; its words are in $errors, all files in $top.
package Publisher;
use strict;
use warnings;
use Exporter 'import';
use File::Spec;
use File::Temp qw(tempdir);
use Files qw(slurp spew);
use IO::Socket::INET;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(enter_own_mounts $publish $top $errors start stop run dir wait_for make_store sql row serve serve_datasets ask ask_many now_is);

my $bin = File::Spec->rel2abs($ENV{SINBIN_BIN} || 'bin');
our $publish = "$bin/sinbin-publish";
our ($rbldnsd) = grep { -x } qw(/usr/sbin/rbldnsd /usr/local/sbin/rbldnsd);
chomp(my $dig = `which dig`);
chomp(my $sqlite = `which sqlite3`);
our $absent = $rbldnsd && $dig && $sqlite ? '' : 'needs rbldnsd, dig and sqlite3';

our $top = tempdir(CLEANUP => 1);
chmod 0755, $top;    # rbldnsd reads as another user
our $errors = "$top/errors";
my %child;
my $owner = $$;
END {
  my $status = $?;
  if ($$ == $owner) { stop($_) for keys %child }
  $? = $status;
}

# Starts the test again with mounts of its own, which go with it, if root may do that: SINBIN_TEST_MOUNTS
# is set then.
sub enter_own_mounts {
  return if $> != 0 || $ENV{SINBIN_TEST_MOUNTS} || system('unshare -m true 2>/dev/null') != 0;
  $ENV{SINBIN_TEST_MOUNTS} = 1;
  rmdir $top;
  exec 'unshare', '-m', $^X, $0 or die "unshare: $!";
}

# Starts a command whose words go to a file.
sub start_to {
  my ($file, $env, @command) = @_;
  my $pid = fork // die "fork: $!";
  return $pid if $pid;
  open STDOUT, '>>', $file;
  open STDERR, '>&', \*STDOUT;
  %ENV = (%ENV, %$env);
  exec @command or POSIX::_exit(127);
}

sub start {
  my $pid = start_to($errors, @_);
  $child{$pid} = 1;
  return $pid;
}

sub stop {
  my ($pid, $signal) = @_;
  kill $signal // 'TERM', $pid;
  waitpid $pid, 0;
  delete $child{$pid};
  return $?;
}

# Runs to the end; exit code and what was said.
sub run {
  my $said = "$top/said";
  unlink $said;
  waitpid start_to($said, @_), 0;
  my $status = $?;
  return ($status & 127 ? 'signal ' . ($status & 127) : $status >> 8, slurp($said));
}

sub dir { return map { m{([^/]+)\z} } glob "$_[0]/*" }

sub wait_for {
  my ($seconds, $true) = @_;
  my $until = time + $seconds;
  until ($true->()) {
    return 0 if time > $until;
    sleep 0.02;
  }
  return 1;
}

# ---- the store

# As the collector makes it.
my $header = slurp('src/store/store.h');
my ($application) = $header =~ /define STORE_APPLICATION\s+\w+\((0x[0-9a-f]+)\)/ or die;
my ($version) = $header =~ /define STORE_VERSION\s+(\d+)/ or die;
my $schema = <<'SQL';
PRAGMA journal_mode = WAL;
CREATE TABLE listing (ip BLOB PRIMARY KEY CHECK (length(ip) = 16), colour TEXT NOT NULL CHECK (colour = 'black' OR colour = 'yellow' OR colour = 'brown' OR colour = 'none'), since INTEGER NOT NULL, until INTEGER NOT NULL, times INTEGER NOT NULL, last INTEGER NOT NULL, sins TEXT NOT NULL, detectors INTEGER NOT NULL, quits INTEGER NOT NULL, noquits INTEGER NOT NULL, changed INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX listing_changed ON listing(changed);
SQL

sub sql {
  my ($store, $text) = @_;
  open my $to, '|-', "$sqlite -bail -cmd '.timeout 5000' '$store' >>$errors 2>&1" or die "sqlite3: $!";
  print $to $text;
  close $to or die "sqlite3 failed";
}

sub make_store {
  my ($store, %with) = @_;
  my %pragma = (id => hex $application, version => $version, %with);
  sql($store, $schema . "PRAGMA application_id = $pragma{id}; PRAGMA user_version = $pragma{version};");
}

sub key {
  my ($ip) = @_;
  return '00' x 10 . 'ffff' . sprintf '%02x' x 4, split /\./, $ip if $ip !~ /:/;
  return nibbles($ip);
}

# "2001:db8::5" -> 32 hexadecimal digits
sub nibbles {
  my ($head, $tail) = split /::/, $_[0], 2;
  my @head = split /:/, $head // '';
  my @tail = split /:/, $tail // '';
  return join '', map { sprintf '%04x', hex } @head, (0) x (8 - @head - @tail), @tail;
}

my $change = 0;

# row(ip, colour, key => value...): SQL that inserts or replaces it
sub row {
  my ($ip, $colour, %with) = @_;
  my $now = int time;
  $change++;
  my %row = (since => $now - 10, until => $now + 3600, times => 1, last => 1795476930, sins => 'high-mx,no-quit',
    detectors => 1, quits => 0, noquits => 1, %with);
  return sprintf "INSERT OR REPLACE INTO listing VALUES (x'%s', '%s', %d, %d, %d, %d, '%s', %d, %d, %d, %d);\n",
    key($ip), $colour, @row{qw(since until times last)}, $row{sins} =~ s/'/''/gr, @row{qw(detectors quits noquits)}, $change;
}

# ---- DNS

our $port = (IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1') // die "bind: $!")->sockport;

sub name_of {
  my ($ip, $zone) = @_;
  return join('.', reverse(split /\./, $ip)) . ".$zone" if $ip !~ /:/;
  return join('.', reverse(split //, nibbles($ip))) . ".$zone";
}

# Each question is [ip, zone, type]; each answer "127.0.0.2 127.0.1.2", "NXDOMAIN", "SERVFAIL"...
sub ask_many {
  my @question = @_;
  my $batch = "$top/questions";
  spew($batch, join '', map { ($_->[0] eq '' ? $_->[1] : name_of(@$_)) . ' ' . ($_->[2] // 'A') . "\n" } @question);
  my (undef, @reply) =
    split /^(?=;; ->>HEADER<<-)/m, "\n" . `$dig \@127.0.0.1 -p $port +norec +tries=2 +time=1 -f $batch 2>&1`;
  return map {
    my $type = $question[$_][2] // 'A';
    my $reply = $reply[$_] // '';
    my @found = sort $reply =~ /^\S+\s+\d+\s+IN\s+$type\s+(.*)$/mg;
    @found ? "@found" : $reply =~ /status: (\w+)/ ? $1 : 'nothing';
  } 0 .. $#question;
}

sub ask { return (ask_many([@_]))[0] }

sub now_is {
  my ($ip, $zone, $want, $name, $seconds) = @_;
  my $got;
  wait_for($seconds // 1, sub { ($got = ask($ip, $zone)) eq $want });
  is($got, $want, $name);
}

sub serve {
  my ($dir, $check, @zones) = @_;
  my ($code, $datasets) = run({}, $publish, '-z', @zones);
  die "sinbin-publish -z: $datasets" if $code;
  return serve_datasets($dir, $check, split ' ', $datasets);
}

sub serve_datasets {
  my ($dir, $check, @datasets) = @_;
  my ($zone) = $datasets[0] =~ /^([^:]+)/;
  my @as = $> == 0 ? ('-u', 'rbldns') : ();
  my $pid = start({}, $rbldnsd, '-n', '-a', '-w', $dir, '-b', "127.0.0.1/$port", '-c', $check, @as, @datasets);
  wait_for(10, sub { ask('127.0.0.2', $zone) ne 'nothing' }) or die 'rbldnsd does not answer: ' . slurp($errors);
  return $pid;
}

1;
