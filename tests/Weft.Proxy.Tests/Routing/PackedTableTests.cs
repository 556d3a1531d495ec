using Google.Protobuf;

namespace Weft.Proxy.Tests.Routing;

public sealed class PackedTableTests
{
    [Fact]
    public void A_table_whose_message_was_packed_says_what_was_written()
    {
        var table = Routes.Table("name: packed\nvirtual_hosts: [ { name: web, domains: [ '*' ], routes: [ { match: { prefix: / }, route: { cluster: a } } ] } ]");
        var written = table.Source;
        table.Pack(written.ToByteString());
        Assert.NotSame(written, table.Source);
        Assert.Equal(written, table.Source);
        Assert.Equal("packed", table.Name);
    }
}
