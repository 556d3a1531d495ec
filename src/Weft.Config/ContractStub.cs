// Stand-in so that others compile until the real types land: delete this file then.
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Weft.Config;

public sealed class ConfigContext
{
    public void Error(IMessage at, string? field, string text, string? suggestion = null) => throw new NotImplementedException();
    public void Warning(IMessage at, string? field, string text, string? suggestion = null) => throw new NotImplementedException();
    public void Note(IMessage at, string? field, string text, string? suggestion = null) => throw new NotImplementedException();
    public T? Unpack<T>(Any? any) where T : class, IMessage<T>, new() => throw new NotImplementedException();
    public IMessage? Unpack(Any? any) => throw new NotImplementedException();
}
