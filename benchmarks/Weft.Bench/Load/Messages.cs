using System.Globalization;
using System.Text;

namespace Weft.Bench.Load;

/// <summary>The bytes on the wire: a request of some 430 bytes with eight headers, a response head of some 190.</summary>
internal static class Messages
{
    /// <summary>Where the wanted body size stands in a request: behind <c>GET /bytes/</c>.</summary>
    public const int SizeOffset = 11;

    public static byte[] Request(int bodyBytes, string host) => Encoding.ASCII.GetBytes(
        $"GET /bytes/{bodyBytes.ToString(CultureInfo.InvariantCulture)}?session=5f0c1a7e HTTP/1.1\r\n" +
        $"Host: {host}\r\n" +
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n" +
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n" +
        "Accept-Language: en-US,en;q=0.5\r\n" +
        "Accept-Encoding: gzip, deflate, br\r\n" +
        "Referer: http://shop.example.com/catalogue?page=3\r\n" +
        "Cookie: id=9d1f4c2b7a5e; theme=dark; lang=en\r\n" +
        "Cache-Control: max-age=0\r\n\r\n");

    public static byte[] Response(int bodyBytes)
    {
        var head = Encoding.ASCII.GetBytes(
            "HTTP/1.1 200 OK\r\n" +
            "Date: Mon, 03 Nov 2025 10:00:00 GMT\r\n" +
            "Content-Type: application/octet-stream\r\n" +
            $"Content-Length: {bodyBytes.ToString(CultureInfo.InvariantCulture)}\r\n" +
            "Cache-Control: no-store\r\n" +
            "ETag: \"5f0c1a7e-200\"\r\n" +
            "Vary: Accept-Encoding\r\n\r\n");
        var response = new byte[head.Length + bodyBytes];
        head.CopyTo(response, 0);
        Array.Fill(response, (byte)'x', head.Length, bodyBytes);
        return response;
    }
}
