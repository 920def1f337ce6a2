# BLAKE2b (RFC 7693) in Perl: another implementation than the programs' to check their tags against.
#
#     blake2b($bytes, $key, $length)    lower-case hexadecimal; $key may be '', $length 1 to 64
package Blake2b;
use strict;
use warnings;
no warnings 'portable';    # 64-bit constants
use Exporter 'import';
our @EXPORT_OK = qw(blake2b);

my @iv = (
  0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
  0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
);
my @sigma = map { [map { hex } split //] } qw(
  0123456789abcdef ea489fd61c02b753 b8c052fdae367194 7931dcbe265a40f8 905724afe1bc683d
  2c6a0b834d75fe19 c51fed4a0763928b db7ec13950f4862a 6fe9b308c2d714a5 a2847615fb9e3cd0
);
my @mix = (
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15],
  [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
);

# Sums wrap only where integers are meant.
sub add { use integer; my $sum = 0; $sum += $_ for @_; return $sum }

sub rotate {
  my ($x, $n) = @_;
  return ($x >> $n) | ($x << (64 - $n));
}

sub compress {
  my ($h, $block, $total, $last) = @_;
  my @m = unpack 'Q<16', $block;
  my @v = (@$h, @iv);
  $v[12] ^= $total;
  $v[14] = ~$v[14] if $last;
  for my $round (0 .. 11) {
    my $s = $sigma[$round % 10];
    for my $i (0 .. 7) {
      my ($a, $b, $c, $d) = @{ $mix[$i] };
      for (['x', 32, 24], ['y', 16, 63]) {
        my $word = $m[$s->[2 * $i + ($_->[0] eq 'y')]];
        $v[$a] = add($v[$a], $v[$b], $word);
        $v[$d] = rotate(0 + sprintf('%u', $v[$d] ^ $v[$a]), $_->[1]);
        $v[$c] = add($v[$c], $v[$d]);
        $v[$b] = rotate(0 + sprintf('%u', $v[$b] ^ $v[$c]), $_->[2]);
      }
    }
  }
  $h->[$_] ^= $v[$_] ^ $v[$_ + 8] for 0 .. 7;
}

sub blake2b {
  my ($bytes, $key, $length) = @_;
  my @h = @iv;
  my $total = 0;
  $h[0] ^= 0x01010000 ^ length($key) << 8 ^ $length;
  $bytes = $key . "\0" x (128 - length $key) . $bytes if length $key;
  while (length $bytes > 128) {
    $total += 128;
    compress(\@h, substr($bytes, 0, 128, ''), $total, 0);
  }
  $total += length $bytes;
  compress(\@h, $bytes . "\0" x (128 - length $bytes), $total, 1);
  return substr unpack('H*', pack 'Q<8', @h), 0, 2 * $length;
}

1;
