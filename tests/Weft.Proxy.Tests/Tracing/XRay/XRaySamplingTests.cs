using Weft.Http;
using Weft.Proxy.Tracing.XRay;

namespace Weft.Proxy.Tests.Tracing.XRay;

public sealed class XRaySamplingTests
{
    private static readonly DateTime s_now = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    [Fact]
    public void So_many_are_taken_in_every_second()
    {
        var rule = new XRayRule("*", "*", "*", 2, 0);
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => rule.TryTake(s_now)));
        Assert.Equal([true, true, false], Enumerable.Range(0, 3).Select(_ => rule.TryTake(s_now.AddSeconds(1))));
        Assert.False(new XRayRule("*", "*", "*", 0, 0).TryTake(s_now));
    }

    [Theory]
    [InlineData("*", "/a", true)]
    [InlineData("/a*", "/abc", true)]
    [InlineData("/A?C", "/abc", true)]
    [InlineData("/a", "/ab", false)]
    [InlineData("*c*e", "/abcde", true)]
    [InlineData("*c*f", "/abcde", false)]
    [InlineData("", "/a", false)]
    public void Patterns_fit_or_not(string pattern, string path, bool fits)
    {
        var headers = new HeaderMap();
        headers.Set(KnownHeader.Path, System.Text.Encoding.ASCII.GetBytes(path));
        Assert.Equal(fits, new XRayRule("*", "*", pattern, 1, 0).Fits(headers));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("""{"version":2,"default":{"fixed_target":1,"rate":0.5}}""", null)]
    [InlineData("{", "invalid JSON format")]
    [InlineData("{}", "missing version number")]
    [InlineData("""{"version":1}""", "wrong version number")]
    [InlineData("""{"version":2}""", "missing default rule")]
    [InlineData("""{"version":2,"default":{"rate":0.5}}""", "fixed target is missing or not a valid positive integer")]
    [InlineData("""{"version":2,"default":{"fixed_target":1,"rate":1.5}}""", "rate is missing or not a valid positive floating number")]
    [InlineData("""{"version":2,"default":{"fixed_target":1,"rate":1},"rules":{}}""", "rules must be JSON array")]
    [InlineData("""{"version":2,"default":{"fixed_target":1,"rate":1},"rules":[{"host":1,"fixed_target":1,"rate":1}]}""", "host must be a string")]
    public void A_faulty_manifest_is_told(string manifest, string? expected)
    {
        XRaySampling.Parse(manifest, out var fault);
        Assert.Equal(expected, fault);
    }
}
