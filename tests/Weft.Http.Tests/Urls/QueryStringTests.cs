using System.Text;
using Weft.Http.Urls;

namespace Weft.Http.Tests.Urls;

public sealed class QueryStringTests
{
    [Theory]
    [InlineData("/a", "")]
    [InlineData("/a?", "")]
    [InlineData("/a?b", "b=;")]
    [InlineData("/a?b=1", "b=1;")]
    [InlineData("/a?b=1&c=2&b=3", "b=1;c=2;b=3;")]
    [InlineData("/a?b=1=2", "b=1=2;")]
    [InlineData("/a?=1&&b", "=1;=;b=;")]
    [InlineData("/a?b=%41?c", "b=%41?c;")]
    public void Parameters_are_walked_as_written(string path, string expected)
    {
        var text = new StringBuilder();
        foreach (var parameter in new QueryString(Wire.Bytes(path)))
            text.Append(Encoding.Latin1.GetString(parameter.Name)).Append('=').Append(Encoding.Latin1.GetString(parameter.Value)).Append(';');
        Assert.Equal(expected, text.ToString());
    }

    [Fact]
    public void First_parameter_of_a_name_is_found()
    {
        Assert.True(QueryString.TryFind("/a?x=1&b=2&b=3"u8, "b"u8, out var value));
        Assert.Equal("2"u8, value);
        Assert.False(QueryString.TryFind("/b?x=b"u8, "b"u8, out _));
    }

    [Theory]
    [InlineData("a%20b", "a b")]
    [InlineData("%41%7a", "Az")]
    [InlineData("%4", "%4")]
    [InlineData("%%41", "%A")]
    [InlineData("%zz+", "%zz+")]
    [InlineData("%2541", "%41")]
    public void Escapes_are_decoded_once_and_others_stay(string text, string expected)
    {
        var bytes = Wire.Bytes(text);
        Assert.Equal(expected, Encoding.Latin1.GetString(bytes.AsSpan(0, PercentEncoding.Decode(bytes, bytes))));
    }
}
