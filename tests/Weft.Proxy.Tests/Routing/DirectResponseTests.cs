using System.Text;
using Weft.Base.Buffers;

namespace Weft.Proxy.Tests.Routing;

public class DirectResponseTests
{
    [Fact]
    public void A_text_is_answered()
    {
        var direct = Routes.OfRoutes("- { match: { prefix: / }, direct_response: { status: 200, body: { inline_string: 'envoy gateway 123' } } }").Match(Routes.Request("/"))!.DirectResponse!;
        Assert.Equal(200, direct.Status);
        Assert.Equal("envoy gateway 123", Encoding.UTF8.GetString(direct.Body));
        Assert.False(direct.HasLocation);
    }

    [Fact]
    public void A_file_and_bytes_are_answered()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "from file");
            var table = Routes.OfRoutes($$"""
                - { match: { prefix: /file }, direct_response: { status: 503, body: { filename: {{file}} } } }
                - { match: { prefix: /bytes }, direct_response: { status: 200, body: { inline_bytes: AQID } } }
                - { match: { prefix: /none }, direct_response: { status: 404 } }
                """);
            Assert.Equal("from file", Encoding.UTF8.GetString(table.Match(Routes.Request("/file"))!.DirectResponse!.Body));
            Assert.Equal([1, 2, 3], table.Match(Routes.Request("/bytes"))!.DirectResponse!.Body);
            Assert.Empty(table.Match(Routes.Request("/none"))!.DirectResponse!.Body);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_body_has_a_limit_that_the_table_can_raise()
    {
        var route = $"{{ match: {{ prefix: / }}, direct_response: {{ status: 200, body: {{ inline_string: {new string('x', 4097)} }} }} }}";
        Assert.Equal(["response body size is 4097 bytes; maximum is 4096"], Routes.FaultsOfRoutes($"- {route}"));
        Assert.Empty(Routes.Faults($"max_direct_response_body_size_bytes: 4097\nvirtual_hosts: [{{ name: v, domains: ['*'], routes: [{route}] }}]"));
        Assert.Equal(["file /does/not/exist does not exist"], Routes.FaultsOfRoutes("- { match: { prefix: / }, direct_response: { status: 200, body: { filename: /does/not/exist } } }"));
    }

    [Fact]
    public void A_3xx_points_to_the_request_s_own_URL()
    {
        var request = Routes.Request("/x?y");
        var direct = Routes.OfRoutes("- { match: { prefix: / }, direct_response: { status: 302 } }").Match(request)!.DirectResponse!;
        var location = new ByteWriter();
        direct.WriteLocation(request, location);
        Assert.True(direct.HasLocation);
        Assert.Equal("http://host/x?y", Encoding.UTF8.GetString(location.Written));
    }
}
