using Google.Protobuf;
using Weft.Config.Types;

namespace Weft.Config.Tests;

public sealed class TypeTests
{
    [Fact]
    public void The_registry_finds_every_message_of_the_api()
    {
        var types = typeof(Envoy.Config.Bootstrap.V3.Bootstrap).Assembly.GetTypes().Count(t => typeof(IMessage).IsAssignableFrom(t));
        Assert.Equal(types, ApiTypes.Names.Count());
        foreach (var name in ApiTypes.Names) Assert.Equal(name, ApiTypes.Find(name)?.FullName);
    }

    [Theory]
    [InlineData("google.protobuf.Duration")]
    [InlineData("google.protobuf.UInt32Value")]
    [InlineData("google.protobuf.Struct")]
    public void The_registry_knows_the_well_known_types(string name) => Assert.Equal(name, ApiTypes.Find(name)!.FullName);

    [Fact]
    public void An_unknown_name_is_not_found()
    {
        Assert.Null(ApiTypes.Find("envoy.config.listener.v3.Nothing"));
        Assert.Null(ApiTypes.Find(""));
    }
}
