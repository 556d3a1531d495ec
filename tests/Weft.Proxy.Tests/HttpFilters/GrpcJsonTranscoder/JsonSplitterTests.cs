using System.Text;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Json;

namespace Weft.Proxy.Tests.HttpFilters.GrpcJsonTranscoder;

public sealed class JsonSplitterTests
{
    [Theory]
    [InlineData("[]", "")]
    [InlineData(" [ ] ", "")]
    [InlineData("[1]", "1")]
    [InlineData("[{\"a\":[1,2]}, {\"b\":\"],[\\\"\"} ]", "{\"a\":[1,2]}|{\"b\":\"],[\\\"\"} ")]
    [InlineData("[\"\\\\\",2]", "\"\\\\\"|2")]
    public void Elements_come_whole_however_the_text_is_split(string text, string elements)
    {
        for (var size = 1; size <= text.Length; size++)
        {
            var splitter = new JsonSplitter();
            var taken = new List<string>();
            for (var at = 0; at < text.Length; at += size)
            {
                splitter.Append(Encoding.UTF8.GetBytes(text.Substring(at, Math.Min(size, text.Length - at))));
                while (splitter.TryTake(out var element))
                    taken.Add(Encoding.UTF8.GetString(element));
                splitter.Compact();
            }

            Assert.Equal(elements, string.Join('|', taken));
            Assert.True(splitter.IsComplete);
            Assert.Equal(0, splitter.KeptBytes);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1,]")]
    [InlineData("[,1]")]
    [InlineData("[1] 2")]
    [InlineData("[}]")]
    public void What_is_no_array_is_a_fault(string text)
    {
        var splitter = new JsonSplitter();
        splitter.Append(Encoding.UTF8.GetBytes(text));
        while (splitter.TryTake(out _))
        {
        }

        Assert.True(splitter.IsFault);
    }

    [Fact]
    public void An_array_that_does_not_end_is_not_complete()
    {
        var splitter = new JsonSplitter();
        splitter.Append("[1"u8);
        Assert.False(splitter.TryTake(out _));
        Assert.False(splitter.IsComplete);
        Assert.False(splitter.IsFault);
    }
}
