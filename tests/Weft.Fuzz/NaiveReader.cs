using System.Globalization;
using System.Text;

namespace Weft.Fuzz;

/// <summary>
/// Reads a message that the codec took, in the plainest way there is, so that two readers that share no code agree on where
/// it ends and what its body is. Judges nothing: what it cannot read, the codec should not have taken.
/// </summary>
internal static class NaiveReader
{
    /// <summary>Where the message ends in <paramref name="input"/>, and its body.</summary>
    /// <param name="bodiless">It cannot have a body, whatever its headers say.</param>
    public static int Read(byte[] input, int start, bool isResponse, bool bodiless, out byte[] body)
    {
        var text = Encoding.Latin1.GetString(input);
        if (!isResponse)
            while (text[start] is '\r' or '\n') start++;
        int headEnd;
        string[] lines;
        do
        {
            headEnd = text.IndexOf("\r\n\r\n", start, StringComparison.Ordinal) + 4;
            if (headEnd < 4) throw new FindingException("the head of a message that was taken has no end");
            lines = text[start..(headEnd - 4)].Split("\r\n");
            start = headEnd;
        }
        while (isResponse && lines[0].Split(' ')[1] is ['1', ..] and not "101");

        body = [];
        if (bodiless) return headEnd;
        var length = lines.Skip(1).FirstOrDefault(line => line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase));
        if (lines.Skip(1).Any(line => line.StartsWith("transfer-encoding:", StringComparison.OrdinalIgnoreCase))) return ReadChunks(text, headEnd, out body);
        if (length is null) return headEnd;
        var end = headEnd + int.Parse(length["content-length:".Length..].Trim(' ', '\t'), NumberStyles.None, CultureInfo.InvariantCulture);
        body = input[headEnd..end];
        return end;
    }

    private static int ReadChunks(string text, int at, out byte[] body)
    {
        var joined = new StringBuilder();
        while (true)
        {
            var lineEnd = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            var size = int.Parse(text[at..lineEnd].Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            at = lineEnd + 2;
            if (size == 0) break;
            joined.Append(text, at, size);
            if (text[(at + size)..(at + size + 2)] != "\r\n") throw new FindingException("a chunk that was taken does not end");
            at += size + 2;
        }

        body = Encoding.Latin1.GetBytes(joined.ToString());
        while (true)
        {
            var lineEnd = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (lineEnd == at) return at + 2;
            at = lineEnd + 2;
        }
    }
}
