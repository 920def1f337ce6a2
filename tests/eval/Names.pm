# Makes names of pools and of mail hosts from the schemes in tests/data/names, and has sinbin-score classify
# them. The same schemes give the same names.
package Names;
use strict;
use warnings;
use Exporter 'import';
use File::Temp;
our @EXPORT_OK = qw(read_schemes half_of judged tally);

my @cities = qw(moscow lviv torino lyon bergen porto gdansk quito osaka perth accra dallas sofia izmir);

# [{provider, scheme, default}, ...]
sub read_schemes {
  my ($path) = @_;
  open my $in, '<', $path or die "$path: $!\n";
  my @schemes;
  while (<$in>) {
    next if /^\s*(#|$)/;
    my @words = split;
    die "$path:$.: PROVIDER SCHEME [default] is wanted\n"
      if @words < 2 || @words > 3 || ($words[2] // 'default') ne 'default';
    push @schemes, {provider => $words[0], scheme => $words[1], default => @words == 3};
  }
  return @schemes;
}

# 'develop' is the half of the providers with which words and rules were found; the other half is held out. The
# half depends on the sum of the letters of the provider's domain, or of the scheme if the provider is example.com,
# which stands for many companies.
sub half_of {
  my ($scheme) = @_;
  my $key = $scheme->{provider} eq 'example.com' ? $scheme->{scheme} : $scheme->{provider};
  return unpack('%32C*', $key) % 2 ? 'held out' : 'develop';
}

my $state = 0;
sub seed { $state = 0; $state = ($state * 31 + ord) % 4294967296 for split //, shift }
sub random {
  my ($below) = @_;
  $state = ($state * 1103515245 + 12345) % 4294967296;
  return int($state / 65536) % $below;
}

sub public_ipv4 {
  while (1) {
    my @o = (1 + random(223), random(256), random(256), 1 + random(254));
    next if $o[0] == 10 || $o[0] == 127 || ($o[0] == 172 && $o[1] >> 4 == 1) || ($o[0] == 192 && $o[1] == 168);
    next if ($o[0] == 100 && $o[1] >> 6 == 1) || ($o[0] == 169 && $o[1] == 254);
    return @o;
  }
}

sub digits_from { my ($set, $n) = @_; return join '', map { substr $set, random(length $set), 1 } 1 .. $n }

# The text for a pair of braces.
sub fill {
  my ($what, $o, $v6) = @_;
  my %octet = (a => 0, b => 1, c => 2, d => 3);
  return $o->[$octet{$what}] if exists $octet{$what};
  return sprintf '%03d', $o->[$octet{lc $what}] if $what =~ /^[A-D]$/;
  return sprintf '%02x', $o->[$octet{$1}] if $what =~ /^h([a-d])$/;
  return sprintf '%02x' x 4, @$o if $what eq 'h';
  return sprintf '%02x' x 4, reverse @$o if $what eq 'H';
  return (($o->[0] * 256 + $o->[1]) * 256 + $o->[2]) * 256 + $o->[3] if $what eq 'n';
  return digits_from('0123456789', $1) if $what =~ /^9:(\d+)$/;
  return digits_from('abcdefghijklmnopqrstuvwxyz', $1) if $what =~ /^z(\d+)$/;
  return digits_from('0123456789abcdef', $1) if $what =~ /^f(\d+)$/;
  return '00' . digits_from('0123456789abcdef', 10) if $what eq 'm';
  return $cities[random(scalar @cities)] if $what eq 'c5';
  my $padded = join '-', map { sprintf '%04x', $_ } @$v6;
  return $padded if $what eq '6p';
  return $padded =~ tr/-//dr if $what eq '6h';
  return join '.', reverse split //, $padded =~ tr/-//dr if $what eq '6n';
  return join '-', map { sprintf '%x', $_ } @$v6 if $what eq '6z';
  return join '-', map { sprintf '%04x', $_ } @{$v6}[4 .. 7] if $what eq '6i';
  return join('-', map { $_ ? sprintf '%x', $_ : '' } @$v6) =~ s/-{2,}/--/r if $what eq '6';
  die "no such braces: {$what}\n";
}

# ([ip, name], ...): only one if the scheme has no braces. Every second IPv6 address is an EUI-64 one.
sub instances {
  my ($scheme, $count) = @_;
  my @made;
  $count = 1 if $scheme->{scheme} !~ /\{/;
  for my $i (1 .. $count) {
    seed("$scheme->{scheme} $i");
    random(2) for 1 .. 8;
    my @o = public_ipv4();
    my @v6 = (0x2001 + random(0x1000), random(65536), random(65536), random(65536));
    push @v6, random(2) ? (0x211, 0x22ff, 0xfe00 + random(256), random(65536)) : (0, 0, 0, 1 + random(65535));
    my $ipv6 = $scheme->{scheme} =~ /\{6/;
    (my $name = $scheme->{scheme}) =~ s/\{([^}]*)\}/fill($1, \@o, \@v6)/ge;
    push @made, [$ipv6 ? join ':', map { sprintf '%x', $_ } @v6 : join('.', @o), $name];
  }
  return @made;
}

# How sinbin-score classifies the PTR of each [ip, name]: 'pool', 'address' or 'none'.
sub classify {
  my ($rules, @names) = @_;
  my $score = ($ENV{SINBIN_BIN} || 'bin') . '/sinbin-score';
  my $line = 'session1 at=1764000000.000 peer=%s pport=4000 local=198.51.100.5 lport=25 ms=100 stage=rcpt '
    . "end=stop after=none rcpts=0 lines=0 bad=0 bytes=0 ptr=%s\n";
  my $in = File::Temp->new;
  printf $in $line, @$_ for @names;
  $in->flush;
  my @kinds;
  for (`$score $rules <$in`) {
    my ($sins) = / sins=(\S*)/ or die "not scored: $_";
    push @kinds, $sins =~ /\bgeneric-rdns-pool\b/ ? 'pool' : $sins =~ /\bgeneric-rdns\b/ ? 'address' : 'none';
  }
  die "sinbin-score: exit $?\n" if $? || @kinds != @names;
  return @kinds;
}

# All instances of the schemes in a file, classified: [{scheme, ip, name, kind}, ...].
sub judged {
  my ($path, $rules, $count) = @_;
  my @all;
  for my $scheme (read_schemes($path)) {
    push @all, map { +{scheme => $scheme, ip => $_->[0], name => $_->[1]} } instances($scheme, $count);
  }
  my @kinds = classify($rules, map { [@$_{qw(ip name)}] } @all);
  $all[$_]{kind} = $kinds[$_] for 0 .. $#all;
  return @all;
}

# The number of names, the fraction that is `pool`, and the fraction that is `pool` or `address`.
sub tally {
  my @of = @_;
  my $all = @of || 1;
  my $pool = grep { $_->{kind} eq 'pool' } @of;
  my $any = grep { $_->{kind} ne 'none' } @of;
  return {count => scalar @of, pool => $pool / $all, any => $any / $all};
}

1;
