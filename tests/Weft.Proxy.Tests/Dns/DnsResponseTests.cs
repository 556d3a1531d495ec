using Weft.Base;
using Weft.Proxy.Dns;

namespace Weft.Proxy.Tests.Dns;

public sealed class DnsResponseTests
{
    private const ushort Id = 0x1234;

    private static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    private static DnsAnswer Read(byte[] message, DnsRecordType type = DnsRecordType.A, string name = "web.test") => DnsResponse.Read(message, Id, Name(name), type);

    private static DnsMessageBuilder Answer(int answers, int authorities = 0, DnsRecordType type = DnsRecordType.A) =>
        new DnsMessageBuilder(Id, answers: answers, authorities: authorities).Question("web.test", type);

    [Fact]
    public void All_addresses_are_given_in_order_with_the_least_ttl()
    {
        var answer = Read(Answer(3).Address("web.test", "10.0.0.3", 60).Address("web.test", "10.0.0.1", 7).Address("WEB.test", "10.0.0.2", 90).Bytes);
        Assert.Equal(DnsOutcome.Addresses, answer.Outcome);
        Assert.Equal(["10.0.0.3", "10.0.0.1", "10.0.0.2"], answer.Addresses.Select(a => a.ToString()));
        Assert.Equal(7u, answer.TtlSeconds);
    }

    [Fact]
    public void IPv6_addresses_are_read()
    {
        var answer = Read(Answer(1, type: DnsRecordType.Aaaa).Address("web.test", "fd00::1").Bytes, DnsRecordType.Aaaa);
        Assert.Equal("fd00::1", Assert.Single(answer.Addresses).ToString());
    }

    [Fact]
    public void A_chain_of_aliases_is_followed_in_any_order_of_records_and_its_least_ttl_counts()
    {
        var answer = Read(Answer(4)
            .Address("c.test", "10.0.0.1", 300)
            .Cname("b.test", "c.test", 5)
            .Cname("web.test", "b.test", 100)
            .Address("other.test", "10.9.9.9", 1).Bytes);
        Assert.Equal("10.0.0.1", Assert.Single(answer.Addresses).ToString());
        Assert.Equal(5u, answer.TtlSeconds);
    }

    [Fact]
    public void Addresses_of_another_name_are_not_taken()
    {
        var answer = Read(Answer(1).Address("evil.test", "10.9.9.9").Bytes);
        Assert.Equal(DnsOutcome.NoData, answer.Outcome);
        Assert.Empty(answer.Addresses);
    }

    [Fact]
    public void A_chain_that_the_server_did_not_follow_tells_where_it_ends()
    {
        var answer = Read(Answer(1).Cname("web.test", "far.test", 9).Bytes);
        Assert.Equal(DnsOutcome.Alias, answer.Outcome);
        Assert.Equal("far.test", answer.Alias!.ToString());
        Assert.Equal(9u, answer.TtlSeconds);
    }

    [Fact]
    public void A_chain_whose_end_is_known_to_be_empty_is_no_data()
    {
        var answer = Read(Answer(1, authorities: 1).Cname("web.test", "far.test").Soa("test").Bytes);
        Assert.Equal(DnsOutcome.NoData, answer.Outcome);
    }

    [Fact]
    public void A_loop_of_aliases_is_malformed()
    {
        var answer = Read(Answer(2).Cname("web.test", "b.test").Cname("b.test", "web.test").Bytes);
        Assert.Equal(DnsOutcome.Malformed, answer.Outcome);
    }

    [Theory]
    [InlineData(0x8183, DnsOutcome.NoSuchName)]
    [InlineData(0x8182, DnsOutcome.ServerFailure)]
    [InlineData(0x8185, DnsOutcome.ServerFailure)]
    [InlineData(0x8181, DnsOutcome.FormatError)]
    [InlineData(0x8380, DnsOutcome.Truncated)]
    [InlineData(0x0100, DnsOutcome.NotOurs)] // a query
    [InlineData(0x9180, DnsOutcome.NotOurs)] // another opcode
    internal void The_header_decides(ushort flags, DnsOutcome expected) =>
        Assert.Equal(expected, Read(new DnsMessageBuilder(Id, flags).Question("web.test", DnsRecordType.A).Bytes).Outcome);

    [Fact]
    public void An_answer_to_another_id_name_or_type_is_not_ours()
    {
        Assert.Equal(DnsOutcome.NotOurs, Read(new DnsMessageBuilder(0x1235).Question("web.test", DnsRecordType.A).Bytes).Outcome);
        Assert.Equal(DnsOutcome.NotOurs, Read(new DnsMessageBuilder(Id).Question("evil.test", DnsRecordType.A).Bytes).Outcome);
        Assert.Equal(DnsOutcome.NotOurs, Read(new DnsMessageBuilder(Id).Question("web.test", DnsRecordType.Aaaa).Bytes).Outcome);
        Assert.Equal(DnsOutcome.NotOurs, Read(new DnsMessageBuilder(Id, questions: 0).Bytes).Outcome);
        Assert.Equal(DnsOutcome.NotOurs, Read(new DnsMessageBuilder(Id, questions: 2).Question("web.test", DnsRecordType.A).Question("web.test", DnsRecordType.A).Bytes).Outcome);
    }

    [Fact]
    public void A_bare_header_may_say_format_error()
    {
        Assert.Equal(DnsOutcome.FormatError, Read(new DnsMessageBuilder(Id, 0x8181, questions: 0).Bytes).Outcome);
    }

    [Fact]
    public void More_records_announced_than_sent_are_malformed()
    {
        Assert.Equal(DnsOutcome.Malformed, Read(Answer(2).Address("web.test", "10.0.0.1").Bytes).Outcome);
        Assert.Equal(DnsOutcome.Malformed, Read(Answer(1).Address("web.test", "10.0.0.1").WithCount(6, 0xFFFF)).Outcome);
    }

    [Fact]
    public void Data_of_the_wrong_size_is_malformed()
    {
        var short4 = Answer(1).Name("web.test").Short(1).Short(1).Int(60).Short(3).Raw(10, 0, 0).Bytes;
        var beyond = Answer(1).Name("web.test").Short(1).Short(1).Int(60).Short(400).Raw(10, 0, 0, 1).Bytes;
        var alias = Answer(1).Name("web.test").Short(5).Short(1).Int(60).Short(3).Raw(1, (byte)'a', 0, 0).Bytes;
        var tooMuchAlias = Answer(1).Name("web.test").Short(5).Short(1).Int(60).Short(4).Raw(1, (byte)'a', 0, 0).Bytes;
        Assert.Equal(DnsOutcome.Malformed, Read(short4).Outcome);
        Assert.Equal(DnsOutcome.Malformed, Read(beyond).Outcome);
        Assert.Equal(DnsOutcome.Alias, Read(alias).Outcome);
        Assert.Equal(DnsOutcome.Malformed, Read(tooMuchAlias).Outcome);
    }

    [Fact]
    public void A_ttl_with_the_top_bit_set_counts_as_zero()
    {
        Assert.Equal(0u, Read(Answer(1).Address("web.test", "10.0.0.1", 0x8000_0001).Bytes).TtlSeconds);
    }

    [Fact]
    public void Other_types_and_classes_are_passed_over()
    {
        var answer = Read(Answer(3)
            .Name("web.test").Short(46).Short(1).Int(1).Short(5).Raw(1, 2, 3, 4, 5)
            .Name("web.test").Short(1).Short(3).Int(1).Short(4).Raw(1, 2, 3, 4)
            .Address("web.test", "10.0.0.1").Bytes);
        Assert.Equal("10.0.0.1", Assert.Single(answer.Addresses).ToString());
    }

    [Fact]
    public void Any_damage_to_a_message_is_an_outcome_and_never_an_exception()
    {
        var good = Answer(4, 1).Cname("web.test", "b.test").Pointer(12).Short(5).Short(1).Int(9).Short(2).Pointer(12)
            .Address("b.test", "10.0.0.1").Address("b.test", "10.0.0.2").Soa("test").Bytes;
        var random = new RandomSource(42);
        for (var round = 0; round < 200_000; round++)
        {
            var message = good[..(good.Length - (int)random.Next((uint)(round % 4 == 0 ? good.Length : 1)))];
            for (var i = random.Next(6); i > 0 && message.Length > 0; i--)
                message[random.Next((uint)message.Length)] = (byte)random.Next(256);
            var answer = Read(message);
            Assert.True(Enum.IsDefined(answer.Outcome));
            Assert.Equal(answer.Outcome == DnsOutcome.Addresses, answer.Addresses.Count > 0);
        }
    }

    [Fact]
    public void A_query_reads_back_as_the_question_it_asks()
    {
        Span<byte> query = stackalloc byte[DnsQueryWriter.MaxBytes];
        var length = DnsQueryWriter.Write(query, Id, Name("web.test"), DnsRecordType.Aaaa, edns: true);
        Assert.Equal(0x01, query[2]); // recursion desired
        Assert.Equal(1, query[11]); // one OPT record
        query[2] |= 0x80;
        Assert.Equal(DnsOutcome.NoData, Read(query[..length].ToArray(), DnsRecordType.Aaaa).Outcome);
        Assert.Equal(length - 11, DnsQueryWriter.Write(query, Id, Name("web.test"), DnsRecordType.Aaaa, edns: false));
    }

    [Fact]
    public void The_longest_name_fits_a_query()
    {
        var label = new string('x', 63);
        Span<byte> query = stackalloc byte[DnsQueryWriter.MaxBytes];
        Assert.Equal(DnsQueryWriter.MaxBytes, DnsQueryWriter.Write(query, Id, Name($"{label}.{label}.{label}.{new string('y', 61)}"), DnsRecordType.A, edns: true));
    }
}
