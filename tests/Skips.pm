# Counts what was skipped, before prove's summary, and knows which skips are expected: `make check` calls
#
#     perl -Itests -S prove --formatter Skips ...
#
# A skip is expected when tests/skips has a line for its file and reason, and the condition of that line holds,
# which is found out here and not by the test. With SINBIN_SKIPS=strict, as package/check sets it, any other
# skip is a failed test, `skips`.
package Skips;
use strict;
use warnings;
use TAP::Formatter::Console;
use TAP::Formatter::File;
use TAP::Parser;

our @ISA = -t STDOUT ? 'TAP::Formatter::Console' : 'TAP::Formatter::File';
my $list = 'tests/skips';
my @skips;    # [file, reason]

sub runs { return system("$_[0] >/dev/null 2>&1") == 0 }

sub holds {
  my ($path, $text) = @_;
  open my $in, '<', $path or return 0;
  local $/;
  return readline($in) =~ $text;
}

sub bin { return ($ENV{SINBIN_BIN} || 'bin') . "/$_[0]" }

my %condition = (
  'any'          => sub { 1 },
  'not-root'     => sub { $> != 0 },
  'no-mounts'    => sub { !runs('unshare -m mount -t tmpfs none /mnt') },
  'no-nftables'  => sub { !runs('unshare -n nft list ruleset') },
  'no-network'   => sub { !runs('unshare -n true') },
  'no-ipv6'      => sub { !holds('/proc/net/if_inet6', qr/^0{31}1 /m) },
  'no-hosts'     => sub { !-e '/etc/hosts' },
  'no-localhost' => sub { !gethostbyname 'localhost' },
  'no-cgroup'    => sub { !grep { -e "$_/cgroup.controllers" && runs("mkdir $_/skips.$$ && rmdir $_/skips.$$") } '/sys/fs/cgroup', '/sys/fs/cgroup/unified' },
  'no-filter'    => sub { !holds('/proc/sys/kernel/seccomp/actions_avail', qr/errno/) },
  'sanitizers'   => sub { holds(bin('sinbin-score'), qr/__asan_init/) },
  'private-tree' => sub { $> != 0 || !runs('s6-setuidgid nobody test -x ' . bin('sinbin-smtpd')) },
  'not-static'   => sub { holds(bin('sinbin-smtpd'), qr{/ld-(?:linux|musl)}) },
);

# Lines "CONDITION FILE REASON", FILE as below tests/, REASON a regular expression for all of it.
sub read_list {
  my @expected;
  open my $in, '<', $list or die "$list: $!";
  while (<$in>) {
    next if /^\s*(?:#|$)/;
    my ($name, $file, $reason) = /^(\S+)\s+(\S+)\s+(.*\S)/ or die "$list:$.: want a condition, a file and a reason\n";
    my $condition = $condition{$name} or die "$list:$.: no such condition: $name\n";
    push @expected, [$condition, qr{(?:^|/)tests/\Q$file\E$}, qr/^(?:$reason)$/];
  }
  return @expected;
}

my %found;

sub is_expected {
  my ($skip, @expected) = @_;
  my ($file, $reason) = @$skip;
  for (@expected) {
    my ($condition, $files, $reasons) = @$_;
    return 1 if $file =~ $files && $reason =~ $reasons && ($found{$condition} //= $condition->() ? 1 : 0);
  }
  return 0;
}

# A skip is a line of its own, of the file or of a subtest; a whole file has a plan of none instead.
sub note {
  my ($file, $line) = @_;
  push @skips, [$file, $1] if $line =~ /^\s*ok\b[^#]*#\s*skip\S*\s*(.*?)\s*$/i || $line =~ /^1\.\.0\s*#\s*skip\S*\s*(.*?)\s*$/i;
}

sub open_test {
  my ($self, $file, $parser) = @_;
  $parser->callback(ALL => sub { note($file, $_[0]->raw) });
  return $self->SUPER::open_test($file, $parser);
}

sub say_skips {
  my ($self, $word, @skips) = @_;
  my (%times, @order);
  for (@skips) {
    my $text = "$_->[0]: $_->[1]";
    push @order, $text if !$times{$text}++;
  }
  $self->_output("  $word: $_" . ($times{$_} > 1 ? " ($times{$_} times)" : '') . "\n") for @order;
}

sub summary {
  my ($self, $aggregate, @more) = @_;
  my @expected = read_list();
  my (@known, @unexpected);
  push @{ is_expected($_, @expected) ? \@known : \@unexpected }, $_ for @skips;
  $self->_output('Skipped: ' . @skips . ', unexpected: ' . @unexpected . "\n");
  $self->say_skips('expected', @known);
  $self->say_skips('unexpected', @unexpected);
  if (@unexpected && ($ENV{SINBIN_SKIPS} // '') eq 'strict') {
    my $parser = TAP::Parser->new({ tap => "1..1\nnot ok 1 - $list knows every skip\n" });
    $parser->run;
    $aggregate->add('skips', $parser);
  }
  return $self->SUPER::summary($aggregate, @more);
}

1;
