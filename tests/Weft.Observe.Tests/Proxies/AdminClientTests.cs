using System.Net;
using System.Text;
using Weft.Observe.Proxies;

namespace Weft.Observe.Tests.Proxies;

public sealed class AdminClientTests
{
    [Fact]
    public async Task A_path_that_is_not_there_is_no_failure_and_a_proxy_that_is_not_there_is_one()
    {
        using var admin = new FakeAdmin("front");
        using var client = new AdminClient(admin.Address);
        Assert.Equal((null, 0), await client.ReadIfThereAsync("clusters?format=json"));
        var (answer, bytes) = await client.ReadIfThereAsync("stats/prometheus");
        Assert.StartsWith("envoy_cluster", Encoding.UTF8.GetString(answer!), StringComparison.Ordinal);
        Assert.Equal(answer!.Length, bytes);
        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<HttpRequestException>(() => client.ReadAsync("none"))).StatusCode);
        using var nobody = new AdminClient("127.0.0.1:1");
        Assert.True(AdminClient.IsFailure(await Assert.ThrowsAnyAsync<Exception>(() => nobody.ReadIfThereAsync("clusters"))));
    }

    [Fact]
    public async Task An_answer_that_is_too_long_is_not_read_and_counts_for_as_much_as_would_be()
    {
        using var admin = new FakeAdmin("front");
        admin.Answers["/clusters"] = new string(' ', AdminClient.MaxAnswerBytes + 1);
        using var client = new AdminClient(admin.Address);
        Assert.Equal((null, AdminClient.MaxAnswerBytes), await client.ReadIfThereAsync("clusters"));
    }
}
