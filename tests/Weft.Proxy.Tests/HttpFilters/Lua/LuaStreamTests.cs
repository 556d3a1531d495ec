using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Weft.Http;
using Weft.Net;
using Weft.Proxy.HttpFilters;
using Weft.Proxy.Streams;
using static Weft.Proxy.Tests.HttpFilters.Heads;

namespace Weft.Proxy.Tests.HttpFilters.Lua;

public sealed class LuaStreamTests
{
    [LuaFact]
    public void The_stream_tells_of_itself()
    {
        using var lua = Telling("""
            local info = handle:streamInfo()
            return table.concat({ info:protocol(), info:routeName(), info:virtualClusterName(), info:downstreamLocalAddress(), info:downstreamDirectLocalAddress(),
              info:downstreamRemoteAddress(), info:downstreamDirectRemoteAddress(), info:requestedServerName(), tostring(info:downstreamSslConnection()),
              tostring(handle:connection():ssl()), tostring(info:dynamicTypedMetadata("a")), tostring(info:filterState():get("a")), info:filterState():get("b") }, " ")
            """);
        var info = lua.Stream.Info;
        info.Protocol = HttpProtocol.Http2;
        info.VirtualClusterName = "vc";
        info.RequestedServerName = "name";
        info.DownstreamLocalAddress = Address(1);
        info.DownstreamDirectLocalAddress = Address(2);
        info.DownstreamRemoteAddress = Address(3);
        info.DownstreamDirectRemoteAddress = Address(4);
        info.FilterState.Set("b", new TextState("state"u8.ToArray()));
        Assert.Equal("HTTP/2  vc 127.0.0.1:1 127.0.0.1:2 127.0.0.1:3 127.0.0.1:4 name nil nil nil nil state", Told(lua));
    }

    [LuaFact]
    public void Dynamic_metadata_is_set_and_read()
    {
        using var lua = Telling("""
            local metadata = handle:streamInfo():dynamicMetadata()
            metadata:set("mine", "text", "t")
            metadata:set("mine", "tree", { list = { 1, "two", { three = true } }, empty = {} })
            metadata:set("mine", "nothing", nil)
            local names = {}
            for name, fields in pairs(metadata) do names[#names + 1] = name .. (fields.text or "") end
            table.sort(names)
            local _, cycle = pcall(function() local a = {} a.a = a metadata:set("mine", "a", a) end)
            local _, fault = pcall(function() metadata:set("mine", "a", print) end)
            local _, far = pcall(function() metadata:set("mine", "a", { [1e9] = 1 }) end)
            local mine = metadata:get("mine")
            return table.concat({ mine.text, mine.tree.list[2], tostring(mine.tree.list[3].three), tostring(metadata:get("none")), table.concat(names, ","),
              metadata:get("theirs").number, handle:connectionStreamInfo():dynamicMetadata():get("theirs").number, cycle:match(": (.*)"), fault:match(": (.*)"), far:match(": (.*)") }, "|")
            """);
        lua.Stream.Info.DynamicMetadata.Set("theirs", "number", 5);
        Assert.Equal(
            "t|two|true|nil|minet,theirs|5|5|tables in dynamicMetadata may be nested 64 deep|unexpected type 'function' in dynamicMetadata|unexpected type number in table key (only string keys are supported)",
            Told(lua));
        Assert.Equal("t", Encoding.UTF8.GetString(lua.Stream.Info.DynamicMetadata.Find("mine", ["text"]).Text));
        Assert.Equal(1, lua.Stream.Info.DynamicMetadata.Find("mine", ["tree"]).Tree!.StructValue.Fields["list"].ListValue.Values[0].NumberValue);
    }

    [LuaFact]
    public void Text_and_time_have_functions()
    {
        using var lua = Telling("""
            local ms = handle:timestamp()
            local us = handle:timestampString(EnvoyTimestampResolution.MICROSECOND)
            local _, fault = pcall(function() handle:timestamp(EnvoyTimestampResolution.MICROSECOND) end)
            return handle:base64Escape("\0\255abc") .. " " .. tostring(ms == handle:timestamp(EnvoyTimestampResolution.MILLISECOND)) .. " "
              .. tostring(us:sub(1, -4) == handle:timestampString()) .. " " .. tostring(ms > 1.7e12) .. " " .. fault:match(": (.*)")
            """);
        Assert.Equal("AP9hYmM= true true true timestamp format must be MILLISECOND.", Told(lua));
    }

    [LuaFact]
    public void An_endpoint_can_be_asked_for()
    {
        using var lua = Telling("""
            local _, fault = pcall(function() handle:setUpstreamOverrideHost("example.com:80") end)
            handle:setUpstreamOverrideHost("127.0.0.1:80", true)
            return fault:match(": (.*)")
            """);
        Assert.Equal("host is not a valid IP address", Told(lua));
        Assert.Equal(("127.0.0.1:80", true), (Encoding.ASCII.GetString(lua.Stream.Info.OverrideHost.Address), lua.Stream.Info.OverrideHost.IsStrict));
    }

    [LuaTheory]
    [InlineData("SHA1", "true nil")]
    [InlineData("SHA224", "true nil")]
    [InlineData("sha256", "true nil")]
    [InlineData("SHA384", "true nil")]
    [InlineData("SHA512", "true nil")]
    [InlineData("MD5", "false MD5 is not supported.")]
    public void Signatures_of_RSA_are_verified(string hash, string result)
    {
        using var key = RSA.Create(2048);
        var signature = hash switch
        {
            "SHA224" => SignSha224(key),
            "MD5" => [1],
            _ => key.SignData("text"u8, new HashAlgorithmName(hash.ToUpperInvariant()), RSASignaturePadding.Pkcs1),
        };
        using var lua = Telling(VerifyScript(hash, key.ExportSubjectPublicKeyInfo(), signature));
        Assert.Equal(result, Told(lua));
    }

    [LuaFact]
    public void Signatures_of_elliptic_curves_are_verified_and_others_refused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = key.SignData("text"u8, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        using var right = Telling(VerifyScript("SHA256", key.ExportSubjectPublicKeyInfo(), signature));
        Assert.Equal("true nil", Told(right));
        using var wrong = Telling(VerifyScript("SHA512", key.ExportSubjectPublicKeyInfo(), signature));
        Assert.Equal("false Failed to verify digest. Error code: 0", Told(wrong));
        using var none = Telling("return tostring(handle:importPublicKey('abc', 3):get()) .. ' ' .. select(2, pcall(function() handle:verifySignature('SHA1', 'abc', '', 0, '', 0) end)):match(': (.*)')");
        Assert.Equal("nil invalid public key", Told(none));
    }

    [LuaFact]
    public void An_answer_of_the_script_ends_the_request()
    {
        using var lua = new LuaStream("""
            function envoy_on_request(handle)
              handle:respond({ [":status"] = "403", ["set-cookie"] = { "a=b", "c=d" }, ["content-type"] = "text/html" }, "nope")
              handle:headers():add("never", "1")
            end
            function envoy_on_response(handle)
              handle:headers():add("x-passed", handle:headers():get(":status"))
              local _, fault = pcall(function() handle:respond({ [":status"] = "200" }) end)
              handle:headers():add("x-fault", fault)
            end
            """);
        Assert.Equal(FilterStatus.Ended, lua.Stream.Request(Map((":method", "GET"), (":path", "/"))));
        Assert.Equal((403, "nope", "lua_response"), (lua.Stream.Reply!.Value.Status, lua.Stream.Reply.Value.Body, lua.Stream.Reply.Value.Details));
        var head = lua.Stream.ResponseHeaders!;
        Assert.Equal(("a=b", "text/html", "403"), (Text(head, "set-cookie"), Text(head, "content-type"), Text(head, "x-passed")));
        Assert.EndsWith("respond not currently supported in the response path", Text(head, "x-fault"), StringComparison.Ordinal);
    }

    [LuaTheory]
    [InlineData("{}", ":status must be between 200-599")]
    [InlineData("{ [':status'] = '100' }", ":status must be between 200-599")]
    [InlineData("{ [':status'] = '200', x = 'a\\nb' }", "invalid value of header 'x'")]
    [InlineData("'200'", "bad argument #1 to 'respond' (table expected, got string)")]
    public void An_answer_must_be_one(string headers, string error)
    {
        using var lua = Telling($"return select(2, pcall(function() handle:respond({headers}) end)):match(':%d+: (.*)')");
        Assert.Equal(error, Told(lua));
        Assert.Null(lua.Stream.Reply);
    }

    /// <summary>A script whose function for requests gives a text back.</summary>
    private static LuaStream Telling(string body)
        => new($"local function tell(handle)\n{body}\nend\nfunction envoy_on_request(handle)\n  handle:headers():add('x', tell(handle))\nend");

    private static string Told(LuaStream lua)
    {
        var head = Map((":method", "GET"), (":path", "/"), (":authority", "host"));
        lua.Stream.Request(head);
        return Text(head, "x");
    }

    private static string VerifyScript(string hash, byte[] key, byte[] signature) => $"""
        local key, signature = {Literal(key)}, {Literal(signature)}
        local imported = handle:importPublicKey(key, #key)
        assert(imported:get() == key)
        local ok, fault = handle:verifySignature("{hash}", imported, signature, #signature, "text, and more", 4)
        return tostring(ok) .. " " .. tostring(fault)
        """;

    /// <summary>PKCS #1 v1.5 of <c>text</c> with the digest that .NET lacks (RFC 8017 section 9.2).</summary>
    private static byte[] SignSha224(RSA key)
    {
        const string digestInfo = "302d300d06096086480165030402040500041c165543bb2301d8334d4a1a3a24508ecdb815a4d2f69ab8c6cdb19ae5";
        var parameters = key.ExportParameters(includePrivateParameters: true);
        var size = parameters.Modulus!.Length;
        var digest = Convert.FromHexString(digestInfo);
        byte[] message = [0, 1, .. Enumerable.Repeat((byte)0xFF, size - digest.Length - 3), 0, .. digest];
        var signature = BigInteger.ModPow(Number(message), Number(parameters.D!), Number(parameters.Modulus)).ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[size - signature.Length], .. signature];
    }

    private static BigInteger Number(byte[] bigEndian) => new(bigEndian, isUnsigned: true, isBigEndian: true);

    private static string Literal(byte[] bytes) => "\"" + string.Concat(bytes.Select(static value => $"\\{value:d3}")) + "\"";

    private static NetAddress Address(int port) => NetAddress.FromIP(IPAddress.Loopback, port);
}
