using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Dns;

public sealed class HostsFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Names_and_aliases_are_found_in_any_case_with_all_their_addresses()
    {
        File.WriteAllText(_path, "127.0.0.1\tlocalhost\n10.0.0.1 web www.web # comment\n10.0.0.2  WEB\n10.0.0.1 web\nfd00::1 web\n#10.0.0.9 web\n");
        var hosts = new HostsFile(_path);
        Assert.Equal(["10.0.0.1", "10.0.0.2", "fd00::1"], hosts.Find("Web").Select(a => a.ToString()));
        Assert.Equal("10.0.0.1", Assert.Single(hosts.Find("www.web.")).ToString());
        Assert.Empty(hosts.Find("comment"));
        Assert.Empty(hosts.Find("absent"));
    }

    [Fact]
    public void A_changed_file_is_read_again()
    {
        File.WriteAllText(_path, "10.0.0.1 web\n");
        var hosts = new HostsFile(_path);
        Assert.Equal("10.0.0.1", Assert.Single(hosts.Find("web")).ToString());
        File.WriteAllText(_path, "10.0.0.200 web\n");
        Assert.Equal("10.0.0.200", Assert.Single(hosts.Find("web")).ToString());
        File.Delete(_path);
        Assert.Empty(hosts.Find("web"));
    }

    [Fact]
    public void Lines_that_are_no_entries_are_passed_over()
    {
        Assert.Empty(HostsFile.Parse("web 10.0.0.1\n1 web\n10.0.0.1\n\r\n   \n10.0.0.1 # web\n"));
    }
}
