namespace Weft.Proxy.Matching.Inputs;

/// <summary>HttpAttributesCelMatchInput: all attributes of a request, for an expression. What is not known yet is missing.</summary>
internal sealed class CelInput : MatchInput
{
    public const string Type = "cel_data_input";

    public override string DataType => Type;

    public override MatchValue Read(in MatchData data) => new([]);

    public override string ToString() => "the request's attributes";
}
