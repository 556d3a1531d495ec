namespace Weft.Samples.Demo.Tests;

public sealed class HealthSwitchTests : IAsyncLifetime, IDisposable
{
    private readonly RunningDemo _demo = new();

    public Task InitializeAsync() => _demo.InitializeAsync();

    public Task DisposeAsync() => _demo.DisposeAsync();

    public void Dispose() => _demo.Dispose();

    [Theory]
    [InlineData("livez", "readyz")]
    [InlineData("readyz", "livez")]
    public async Task Posted_value_changes_this_answer_and_not_the_other(string name, string other)
    {
        Assert.Equal((200, "OK\n"), await _demo.GetAsync("/" + name));
        Assert.Equal((200, $"{name}=FAIL\n"), await _demo.PostFormAsync("/" + name, name, "FAIL"));
        Assert.Equal((506, "FAIL\n"), await _demo.GetAsync("/" + name));
        Assert.Equal((506, ""), await _demo.SendAsync(HttpMethod.Head, "/" + name));
        Assert.Equal((200, "OK\n"), await _demo.GetAsync("/" + other));
        await _demo.PostFormAsync("/" + name, name, "OK");
        Assert.Equal((200, "OK\n"), await _demo.GetAsync("/" + name));
    }

    [Fact]
    public async Task Form_without_the_field_is_refused_and_changes_nothing()
    {
        Assert.Equal(400, (await _demo.PostFormAsync("/livez", "readyz", "FAIL")).Status);
        Assert.Equal(400, (await _demo.SendAsync(HttpMethod.Post, "/livez", new StringContent("livez=FAIL"))).Status);
        Assert.Equal((200, "OK\n"), await _demo.GetAsync("/livez"));
    }
}
