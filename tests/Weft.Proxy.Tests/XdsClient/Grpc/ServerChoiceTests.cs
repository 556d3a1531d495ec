using Weft.Proxy.XdsClient.Grpc;

namespace Weft.Proxy.Tests.XdsClient.Grpc;

/// <summary>Which of two management servers is asked.</summary>
public sealed class ServerChoiceTests
{
    private readonly ServerChoice _choice = new(2);

    [Fact]
    public void The_second_after_two_failures_and_then_both_in_turn()
    {
        Assert.Equal([0, 1, 0, 1, 0], Enumerable.Range(0, 5).Select(_ => Lose()));
        Assert.True(_choice.IsKnown);
    }

    [Fact]
    public void Only_the_first_once_it_has_answered()
    {
        Lose();
        _choice.OnAnswer();
        Assert.Equal([0, 0, 0], Enumerable.Range(0, 3).Select(_ => Lose()));
        Assert.True(_choice.IsKnown);
    }

    [Fact]
    public void What_the_second_has_said_is_not_known_to_the_first()
    {
        Lose();
        Assert.Equal(1, Lose());
        _choice.OnAnswer();
        Assert.Equal(0, Lose());
        Assert.False(_choice.IsKnown);
        Assert.Equal(1, Lose());
        Assert.True(_choice.IsKnown);
    }

    [Fact]
    public void One_server_is_all_there_is()
    {
        var only = new ServerChoice(1);
        for (var i = 0; i < 5; i++)
            only.OnLost();
        Assert.Equal(0, only.Current);
    }

    private int Lose()
    {
        _choice.OnLost();
        return _choice.Current;
    }
}
