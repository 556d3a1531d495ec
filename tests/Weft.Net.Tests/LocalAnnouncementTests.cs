namespace Weft.Net.Tests;

public sealed class LocalAnnouncementTests
{
    [Fact]
    public void What_is_announced_is_read_as_long_as_it_lasts_and_under_its_topic_only()
    {
        var topic = "weft-test-" + Guid.NewGuid().ToString("N")[..12];
        using (var one = LocalAnnouncement.Make(topic, "127.0.0.1:9901"))
        using (var two = LocalAnnouncement.Make(topic, "[::1]:9901"))
        {
            Assert.NotNull(one);
            Assert.NotNull(two);
            Assert.Equal(["127.0.0.1:9901", "[::1]:9901"], LocalAnnouncement.Read(topic).Order());
            Assert.Empty(LocalAnnouncement.Read(topic[..^1]));
        }

        Assert.Empty(LocalAnnouncement.Read(topic));
    }

    [Fact]
    public void What_is_too_long_to_be_announced_is_not() => Assert.Null(LocalAnnouncement.Make("weft-test", new string('x', 200)));
}
