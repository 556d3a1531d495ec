using Envoy.Config.Core.V3;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Config.Tests.Printing;

public sealed class YamlWriterTests
{
    [Fact]
    public void Yaml_is_in_block_style_and_quotes_what_would_mean_something_else()
    {
        var bootstrap = Reading.Good("""
            node: { id: "8080", cluster: "yes", metadata: { e: {}, l: [[1, 2], [], [{ a: b, c: d }]], t: "a: b", n: ~ } }
            static_resources:
              clusters:
              - { name: c, connect_timeout: 0.25s }
              - { name: "*", connect_timeout: 1s }
            """);
        Assert.Equal("""
            node:
              id: "8080"
              cluster: "yes"
              metadata:
                e: {}
                l:
                  - - 1
                    - 2
                  - []
                  - - a: b
                      c: d
                t: "a: b"
                "n": null
            static_resources:
              clusters:
                - name: c
                  connect_timeout: 0.250s
                - name: "*"
                  connect_timeout: 1s

            """, MessagePrinter.ToYaml(bootstrap));
    }

    [Fact]
    public void Nothing_is_an_empty_mapping() => Assert.Equal("{}\n", MessagePrinter.ToYaml(new Node()));

    [Fact]
    public void A_list_at_the_root_begins_with_a_dash() => Assert.Equal("- 1\n- x\n", MessagePrinter.ToYaml(Value.ForList(Value.ForNumber(1), Value.ForString("x"))));
}
