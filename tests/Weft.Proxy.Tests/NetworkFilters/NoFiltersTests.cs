using static Weft.Proxy.Tests.Listeners.TestListener;

namespace Weft.Proxy.Tests.NetworkFilters;

public sealed class NoFiltersTests
{
    [Fact]
    public async Task A_filter_chain_without_filters_closes_every_connection()
    {
        using var running = Run("", "name: empty");
        Assert.Equal("", await Send(running, "hello"));
        Assert.Contains(running.Findings.All, static finding => finding.Text == "without filters every connection is closed");
    }
}
