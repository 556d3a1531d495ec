using System.Text;
using Weft.Base.Hashing;

namespace Weft.Base.Tests.Hashing;

/// <summary>Values that other implementations publish.</summary>
public sealed class HashTests
{
    [Theory]
    [InlineData("", 0, 0xEF46DB3751D8E999)]
    [InlineData("foo", 0, 3728699739546630719)]
    [InlineData("bar", 0, 5234164152756840025)]
    [InlineData("foo\nbar", 0, 8917841378505826757)]
    [InlineData("lyft", 0, 4400747396090729504)]
    [InlineData("xxhash", 20141025, 0xB559B98D844E0635)]
    [InlineData("Nobody inspects the spammish repetition", 0, 0xFBCEA83C8A378BF1)]
    public void Xx_hash_is_that_of_the_specification(string text, ulong seed, ulong hash) =>
        Assert.Equal(hash, XxHash64.Hash(Encoding.UTF8.GetBytes(text), seed));

    [Theory]
    [InlineData("", 6142509188972423790)]
    [InlineData("foo", 9631199822919835226)]
    [InlineData("bar", 11474628671133349555)]
    [InlineData("foo\nbar", 16306510975912980159)]
    [InlineData("longer than seven chars", 15194079855121201171)]
    public void Murmur_hash_is_that_of_libstdcpp(string text, ulong hash) =>
        Assert.Equal(hash, MurmurHash2.Hash(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void The_twister_gives_the_numbers_that_the_standard_of_cpp_names()
    {
        var random = new MersenneTwister();
        random.Seed(5489);
        Assert.Equal(3499211612u, random.Next());
        for (var i = 2; i < 10_000; i++)
            random.Next();
        Assert.Equal(4123659995u, random.Next());
    }
}
