using System.Text;
using System.Text.Json;
using Weft.Base.Buffers;
using Weft.Proxy.Formatting;

namespace Weft.Proxy.Tests.Formatting;

public sealed class JsonTextTests
{
    [Fact]
    public void A_byte_that_must_be_escaped_is_found_in_every_place_of_texts_of_every_length()
    {
        for (var length = 1; length <= 40; length++)
        {
            var text = Enumerable.Repeat((byte)'~', length).ToArray();
            Assert.False(JsonText.NeedsEscape(text), $"{length}");
            for (var place = 0; place < length; place++)
            {
                foreach (var special in (byte[])[0, 9, 31, (byte)'"', (byte)'\\', 127, 128, 200, 255])
                {
                    text[place] = special;
                    Assert.True(JsonText.NeedsEscape(text), $"{special} at {place} of {length}");
                }

                text[place] = (byte)' ';
                Assert.False(JsonText.NeedsEscape(text), $"a space at {place} of {length}");
                text[place] = (byte)'~';
            }
        }

        Assert.False(JsonText.NeedsEscape([]));
    }

    [Fact]
    public void Every_byte_that_is_ASCII_comes_back_from_JSON_as_it_was()
    {
        var text = Enumerable.Range(0, 128).Select(static code => (byte)code).ToArray();
        var output = new ByteWriter();
        JsonText.WriteString(output, text);
        using var document = JsonDocument.Parse(output.Written.ToArray());
        Assert.Equal(Encoding.ASCII.GetString(text), document.RootElement.GetString());
    }
}
