using System.Numerics;

namespace Palimpsest.Erasure.Tests;

public sealed class EcdsaSignatureTests
{
    private static readonly BigInteger Order = BigInteger.Parse(
        "115792089210356248762697446949407573529996955224135760342422259061068512044369",
        System.Globalization.CultureInfo.InvariantCulture
    );

    [Fact]
    public void Of_the_two_values_of_s_the_lower_one_is_written()
    {
        Assert.Equal("3006020101020102", Hex(EcdsaSignature.ToDer(Plain(1, 2))));
        Assert.Equal("3006020101020102", Hex(EcdsaSignature.ToDer(Plain(1, Order - 2))));
        // (n - 1) / 2 is the largest that stays, one more is turned into it.
        var half = (Order - 1) / 2;
        Assert.Equal(EcdsaSignature.ToDer(Plain(7, half)), EcdsaSignature.ToDer(Plain(7, half + 1)));
        Assert.Equal(Plain(7, half), EcdsaSignature.FromDer(EcdsaSignature.ToDer(Plain(7, half + 1))));
    }

    [Fact]
    public void What_is_read_is_what_was_written()
    {
        foreach (var r in new[] { 1, 127, 128, Order / 3, Order - 1 })
            Assert.Equal(Plain(r, 300), EcdsaSignature.FromDer(EcdsaSignature.ToDer(Plain(r, 300))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3006020100020102")] // r = 0
    [InlineData("3006020101020100")] // s = 0
    [InlineData("30060201ff020102")] // r < 0
    [InlineData("30060201010201ff")] // s < 0
    [InlineData("300702020001020102")] // r with a leading zero that it does not need
    [InlineData("300602010102010200")] // something behind
    [InlineData("3009020101020102020103")] // a third number
    [InlineData("308106020101020102")] // a length in a longer form than it needs
    [InlineData("3106020101020102")] // a set
    [InlineData("3003020101")] // s is missing
    public void Other_forms_do_not_count(string hex) => Assert.Null(EcdsaSignature.FromDer(Convert.FromHexString(hex)));

    [Fact]
    public void The_higher_s_and_numbers_beyond_the_order_do_not_count()
    {
        Assert.Null(EcdsaSignature.FromDer(Der(5, Order - 2)));
        Assert.Null(EcdsaSignature.FromDer(Der(5, (Order + 1) / 2)));
        Assert.NotNull(EcdsaSignature.FromDer(Der(5, (Order - 1) / 2)));
        Assert.Null(EcdsaSignature.FromDer(Der(Order, 2)));
        Assert.Null(EcdsaSignature.FromDer(Der(5, Order + 2)));
        Assert.Null(EcdsaSignature.FromDer(Der(BigInteger.Pow(2, 300), 2)));
    }

    internal static byte[] Der(BigInteger r, BigInteger s)
    {
        byte[] Number(BigInteger value)
        {
            var bytes = value.ToByteArray(isBigEndian: true);
            return [2, (byte)bytes.Length, .. bytes];
        }

        byte[] content = [.. Number(r), .. Number(s)];
        return [0x30, (byte)content.Length, .. content];
    }

    private static byte[] Plain(BigInteger r, BigInteger s) => [.. Wide(r), .. Wide(s)];

    private static byte[] Wide(BigInteger value)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
